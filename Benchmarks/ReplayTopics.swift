import CRdKafka
import Kafka
import TestSupport

/// Topics to replay to, each for one run.
struct ReplayTopics {
    let topic: EventTopic

    private var client: ClientSettings { ClientSettings(bootstrapServers: [topic.bootstrapServers]) }

    func create(_ name: String) async throws {
        let admin = try Admin(client)
        defer { admin.close() }
        // What is deleted goes at once: nobody waits for the disk to take what nobody needs.
        try await admin.createTopic(
            name,
            partitions: topic.partitions,
            replicationFactor: 1,
            config: ["file.delete.delay.ms": "0"]
        )
        // A broker that is busy answers a while before it knows the topic itself.
        try await eventually(within: .seconds(30), name) {
            try await admin.describeTopics([name], includingConfig: false)[name]
        }
    }

    /// Records in all of its partitions.
    func records(in name: String) async throws -> Int {
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        var records = 0
        for partition in 0..<Int32(topic.partitions) {
            records += try await consumer.watermarks(of: name, partition: partition).count
        }
        return records
    }

    /// Our binding deletes no topics.
    func delete(_ name: String) throws {
        let client = try LoopClient(RD_KAFKA_PRODUCER, ["bootstrap.servers": topic.bootstrapServers]).pointer
        let queue = rd_kafka_queue_new(client)
        var request = rd_kafka_DeleteTopic_new(name)
        rd_kafka_DeleteTopics(client, &request, 1, nil, queue)
        guard let answer = rd_kafka_queue_poll(queue, 30_000),
            rd_kafka_event_error(answer) == RD_KAFKA_RESP_ERR_NO_ERROR
        else { throw BenchmarkFailure(description: "\(name) could not be deleted") }
        rd_kafka_event_destroy(answer)
        rd_kafka_DeleteTopic_destroy(request)
        rd_kafka_queue_destroy(queue)
        rd_kafka_destroy(client)
    }
}
