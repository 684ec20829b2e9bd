public import Kafka

extension GroupTopics {
    /// The dead-letter topic and the topic of the group's state, as they are to be created beside a topic of so many
    /// partitions.
    ///
    /// `valueBytesMax` is the topic's own limit; a dead letter is its record with more headers.
    public func newTopics(partitions: Int, replicationFactor: Int = -1, valueBytesMax: Int = 2 << 20) -> [NewTopic] {
        [
            NewTopic(
                deadLetters,
                partitions: partitions,
                replicationFactor: replicationFactor,
                // Limit: our headers are below 4 KiB, Spring's as much again.
                config: ["max.message.bytes": String(valueBytesMax + 65_536), "retention.ms": "-1"]
            ),
            NewTopic(
                state,
                partitions: 1,
                replicationFactor: replicationFactor,
                config: ["cleanup.policy": "compact"]
            ),
        ]
    }

    /// Creates those of the two topics that are missing, with the partition count of the topic.
    ///
    /// Throws ``GroupTopicsError/missing(_:)`` when the topic itself is not there, and what kept the others from being
    /// created.
    public func createMissing(_ client: ClientSettings, replicationFactor: Int = -1) async throws {
        let admin = try Admin(client)
        defer { admin.close() }
        let found = try await admin.describeTopics([topic, deadLetters, state], includingConfig: false)
        guard let own = found[topic] else { throw GroupTopicsError.missing(topic) }
        let wanted = newTopics(partitions: own.partitionCount, replicationFactor: replicationFactor)
        let missing = wanted.filter { found[$0.name] == nil }
        guard !missing.isEmpty else { return }
        for result in try await admin.createTopics(missing) {
            // Another member may have been faster.
            if let error = result.error, !error.isTopicAlreadyExists { throw error }
        }
    }
}
