package import Kafka

/// What a topic that is to be sent to will do with records of old times.
package struct TopicFacts: Sendable, Equatable {
    /// The largest batch, and so the largest record, that it takes.
    package let messageBytesMax: Int
    /// How long it keeps records, in milliseconds; nil without a limit, or when it is not known.
    package let retentionMilliseconds: Int64?
    /// It gives records the time at which they arrive.
    package let restampsRecords: Bool
    /// It keeps only the newest record of each key.
    package let isCompacted: Bool

    /// Kafka's own default, for a cluster that does not let us look.
    private static let messageBytesMaxDefault = 1_048_588

    /// Asks the brokers. Throws ``ReplayError/noTarget(_:)``.
    package static func read(_ topic: String, _ client: ClientSettings) async throws -> TopicFacts {
        let admin = try Admin(client)
        defer { admin.close() }
        guard try await admin.describeTopics([topic], includingConfig: false)[topic] != nil else {
            throw ReplayError.noTarget(topic)
        }
        // To describe a topic's settings takes a right of its own, which a replay can do without.
        return TopicFacts(config: (try? await admin.describeTopics([topic]))?[topic]?.config ?? [:])
    }

    /// Out of a topic's settings.
    package init(config: [String: TopicDescription.ConfigEntry]) {
        func value(_ name: String) -> String? { config[name]?.value }
        messageBytesMax = value("max.message.bytes").flatMap { Int($0) } ?? Self.messageBytesMaxDefault
        retentionMilliseconds = value("retention.ms").flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 }
        restampsRecords = value("message.timestamp.type") == "LogAppendTime"
        isCompacted = value("cleanup.policy")?.contains("compact") ?? false
    }

    /// What a person should know before records from this time on are sent there, a line each. `oldest` and `now` are
    /// milliseconds since 1970.
    package func notices(_ topic: String, oldest: Int64?, now: Int64) -> [String] {
        var notices: [String] = []
        if restampsRecords {
            notices.append("\(topic) gives records the time of their arrival (message.timestamp.type=LogAppendTime)")
        } else if let retentionMilliseconds, let oldest, now - oldest > retentionMilliseconds {
            notices.append(
                "\(topic) keeps records for \(retentionMilliseconds / 3_600_000) h by their times, which stay as they "
                    + "were: older ones may be deleted soon after they arrive"
            )
        }
        if isCompacted { notices.append("\(topic) is compacted: it keeps only the newest record of each key") }
        return notices
    }
}
