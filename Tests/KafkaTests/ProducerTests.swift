import EmbeddedKafka
import Kafka
import Testing

@Suite struct ProducerTests {
    @Test func `an acknowledged record is reported with its offset`() async throws {
        let cluster = try EmbeddedCluster()
        defer { cluster.close() }
        try cluster.createTopic("t", partitions: 3)
        let client = ClientSettings(bootstrapServers: [cluster.bootstrapServers])
        let producer = try Producer(ProducerSettings(client: client), delivery: .awaited { print($0) })
        defer { producer.close() }
        let sent = try await producer.send(
            Record(
                topic: "t",
                key: [1],
                headers: [
                    .init(name: "a", value: nil), .init(name: "b", value: []), .init(name: "c", value: [0, 255]),
                ],
                value: [2]
            )
        )
        #expect(sent.offset == 0)
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        try await consumer.assign("t", from: .beginning)
        var batch = try await consumer.next(deadlineMilliseconds: 5000)
        while batch.records.isEmpty { batch = try await consumer.next(deadlineMilliseconds: 5000) }
        print(batch.records)
    }
}
