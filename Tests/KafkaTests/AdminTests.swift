import TestSupport
import Testing

@testable import Kafka

/// One real node for all of these, since it takes seconds to start; the embedded cluster knows no admin requests.
@Suite(.needsKafka, .timeLimit(.minutes(3))) struct AdminTests {
    @Test func `topics are created and described, and read from a time on, on a real broker`() async throws {
        let node = try await KafkaNode.start()
        let client = ClientSettings(bootstrapServers: [node.bootstrapServers])
        let admin = try Admin(client)
        defer { admin.close() }
        try await create(admin)
        try await describe(admin)
        try await readFromTime(client)
        await node.terminate()
    }

    private func create(_ admin: Admin) async throws {
        let wanted = [
            NewTopic("compacted", partitions: 3, config: ["cleanup.policy": "compact"]),
            NewTopic("events", partitions: 12, replicationFactor: 1),
            NewTopic("wide", partitions: 1, replicationFactor: 3),
            NewTopic("odd", partitions: 1, config: ["no.such.setting": "1"]),
        ]
        let tried = try await admin.createTopics(wanted, validateOnly: true)
        #expect(tried.map(\.name) == ["compacted", "events", "wide", "odd"])
        #expect(try await admin.describeTopics(["compacted", "events"]).isEmpty)

        let results = try await admin.createTopics(wanted)
        #expect(results.map(\.error?.name) == [nil, nil, "INVALID_REPLICATION_FACTOR", "INVALID_CONFIG"])
        #expect(tried.map(\.error?.name) == results.map(\.error?.name))
        let again = await outcome { () throws(KafkaError) in try await admin.createTopic("events", partitions: 12) }
        #expect(again?.isTopicAlreadyExists == true && again?.message.contains("events") == true)
    }

    private func describe(_ admin: Admin) async throws {
        let found = try await admin.describeTopics(["compacted", "events", "missing"])
        #expect(found.keys.sorted() == ["compacted", "events"])
        let compacted = try #require(found["compacted"])
        #expect(compacted.partitionCount == 3 && compacted.replicationFactor == 1)
        #expect(compacted.config["cleanup.policy"] == .init(value: "compact", isDefault: false))
        #expect(found["events"]?.config["cleanup.policy"]?.isDefault == true)
        let bare = try await admin.describeTopics(["events"], includingConfig: false)
        #expect(bare["events"]?.partitionCount == 12 && bare["events"]?.config.isEmpty == true)
    }

    private func readFromTime(_ client: ClientSettings) async throws {
        let producer = try Producer(ProducerSettings(client: client), delivery: .awaited { _ in })
        defer { producer.close() }
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        var placed: Int32 = -1
        for number in 0..<10 {
            let time = 1_700_000_000_000 + Int64(number) * 1000
            let record = Record(topic: "events", timestampMilliseconds: time, key: [7], value: [UInt8(number)])
            placed = try await producer.send(record).partition
        }
        #expect(placed == partition(forKey: [UInt8(7)].span, count: 12))
        let all = Array(0..<12 as Range<Int32>)
        let offsets = try await consumer.offsets(of: "events", partitions: all, atMilliseconds: 1_700_000_006_001)
        #expect(offsets.count == 12 && offsets[placed] == 7)
        let late = try await consumer.offsets(of: "events", partitions: [placed], atMilliseconds: 1_800_000_000_000)
        #expect(late == [placed: 10])
        try await consumer.assign("events", from: .timestamp(milliseconds: 1_700_000_008_000))
        let records = try await consumer.readToEnd(partitions: 12)
        #expect(records.map(\.value) == [[8], [9]])
        let missing = await outcome { () throws(KafkaError) in
            try await consumer.watermarks(of: "events", partition: 99, timeout: .seconds(2))
        }
        #expect(missing?.isUnknownTopic == true)
    }
}
