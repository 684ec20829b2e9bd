import Testing

@testable import Kafka

@Suite(.timeLimit(.minutes(1)))
struct AdminClusterTests {
    @Test func `a cluster is described with the topics that were asked for and exist`() async throws {
        let topic = try EmbeddedTopic(partitions: 3)
        let admin = try Admin(topic.client)
        defer { admin.close() }
        let cluster = try await admin.describeCluster(topics: [topic.name, "missing"], timeout: .seconds(10))
        #expect(cluster.brokers >= 1 && cluster.topics.keys.sorted() == [topic.name])
        let partitions = try #require(cluster.topics[topic.name])
        #expect(partitions.count == 3 && partitions.allSatisfy { $0.hasLeader && $0.replicas >= 1 })
        #expect(partitions.allSatisfy { $0.inSyncReplicas == $0.replicas })
    }

    /// A request without an answer says that its time is over; what the client met says why.
    @Test func `what kept brokers from answering is handed out once`() async throws {
        let admin = try Admin(ClientSettings(bootstrapServers: ["127.0.0.1:1"]))
        defer { admin.close() }
        await #expect(throws: KafkaError.self) {
            try await admin.describeCluster(topics: [], timeout: .milliseconds(500))
        }
        let errors = admin.takeErrors()
        #expect(errors.contains { $0.message.contains("refused") })
        #expect(errors.contains { $0.name == "_ALL_BROKERS_DOWN" })
        admin.close()
        #expect(admin.takeErrors().isEmpty)
    }
}
