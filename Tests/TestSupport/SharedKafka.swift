package import Kafka

/// One real node for all tests of a process that neither kill nor fill it. It ends with the process.
package actor SharedKafka {
    private static let instance = SharedKafka()
    private var starting: Task<KafkaNode, any Error>?
    private var topicCount = 0

    /// The node; started when it is asked for first.
    package static func node() async throws -> KafkaNode {
        try await instance.node()
    }

    /// A new topic on the node, and how to reach it.
    package static func topic(
        _ prefix: String = "events",
        partitions: Int = 1,
        config: [String: String] = [:]
    ) async throws -> (name: String, client: ClientSettings) {
        let client = ClientSettings(bootstrapServers: [try await node().bootstrapServers])
        let name = await instance.name(prefix)
        let admin = try Admin(client)
        defer { admin.close() }
        try await admin.createTopic(name, partitions: partitions, replicationFactor: 1, config: config)
        return (name, client)
    }

    private func node() async throws -> KafkaNode {
        if let starting { return try await starting.value }
        // Safety: one start for all who ask; each of them awaits it.
        let task = Task { try await KafkaNode.start() }
        starting = task
        return try await task.value
    }

    private func name(_ prefix: String) -> String {
        topicCount += 1
        return "\(prefix)-\(topicCount)"
    }
}
