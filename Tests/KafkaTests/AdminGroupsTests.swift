import EmbeddedKafka
import Testing

@testable import Kafka

/// What the embedded cluster knows of groups: offsets, but neither lists nor members.
@Suite(.timeLimit(.minutes(1))) struct AdminGroupsTests {
    @Test func `committed offsets come back with their metadata, and only of the topic asked for`() async throws {
        let topic = try EmbeddedTopic(partitions: 3)
        try topic.cluster.createTopic("other", partitions: 1)
        let first = TopicPartition(topic: topic.name, partition: 1)
        let second = TopicPartition(topic: topic.name, partition: 2)
        let other = TopicPartition(topic: "other", partition: 0)
        let committed = [
            first: CommittedOffset(offset: 4, metadata: "relay1:3-2 ü"),
            second: CommittedOffset(offset: 0),
            other: CommittedOffset(offset: 9),
        ]
        try await commit(committed, client: topic.client)
        let admin = try Admin(topic.client)
        defer { admin.close() }
        let found = try await admin.committedOffsets(group: "g", topic: topic.name)
        #expect(found == committed.filter { $0.key.topic == topic.name })
        #expect(try await admin.committedOffsets(group: "h", topic: topic.name) == [:])
        #expect(try await admin.committedOffsets(group: "g", topic: "missing") == [:])
    }

    // Coordinator loading, not available, not this one; and not authorized.
    @Test(arguments: [14, 15, 16, 30] as [Int32])
    func `a coordinator that refuses is an error of the request, and of nothing else`(code: Int32) async throws {
        let topic = try EmbeddedTopic(partitions: 3)
        let place = TopicPartition(topic: topic.name, partition: 1)
        try await commit([place: CommittedOffset(offset: 4)], client: topic.client)
        let admin = try Admin(topic.client)
        defer { admin.close() }
        topic.cluster.fail(.offsetFetch, codes: Array(repeating: code, count: 50))
        let refused = await outcome { () throws(KafkaError) in
            try await admin.committedOffsets(group: "g", topic: topic.name, timeout: .seconds(1))
        }
        #expect(refused != nil)
        topic.cluster.heal(.offsetFetch)
        #expect(try await admin.committedOffsets(group: "g", topic: topic.name)[place]?.offset == 4)
    }

    @Test func `a closed client says so`() async throws {
        let topic = try EmbeddedTopic()
        let admin = try Admin(topic.client)
        admin.close()
        let list = await outcome { () throws(KafkaError) in try await admin.listGroups() }
        #expect(list?.isClosed == true)
        let group = await outcome { () throws(KafkaError) in try await admin.describeGroup("g") }
        #expect(group?.isClosed == true)
        let offsets = await outcome { () throws(KafkaError) in try await admin.committedOffsets(group: "g") }
        #expect(offsets?.isClosed == true)
    }

    /// As a consumer does that chooses its partitions itself.
    private func commit(_ offsets: [TopicPartition: CommittedOffset], client: ClientSettings) async throws {
        let (rings, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let member = try GroupConsumer(GroupConsumerSettings(client: client, group: "g")) { continuation.yield() }
        defer { member.close() }
        try member.commit(offsets, opaque: 1)
        for await _ in rings {
            while let event = member.nextEvent() {
                guard case .committed(let report) = event else { continue }
                #expect(report.error == nil && report.committed == offsets.mapValues(\.offset))
                return
            }
        }
    }
}
