public import Kafka
import TextOutput

/// The topics that belong to a consumer group on a topic.
public struct GroupTopics: Sendable, Hashable {
    /// The topic that the group reads.
    public let topic: String
    /// The group's id.
    public let group: String

    /// Records that were given up: `<topic>.<group>.dlq`, with as many partitions as the topic.
    public var deadLetters: String { "\(topic).\(group)\(GroupTopics.deadLettersSuffix)" }
    /// Dead letters on their way back to the group, which alone reads them: `<topic>.<group>.redrive`, with as many
    /// partitions as the topic; those of a partition come from that partition of the topic.
    public var redrives: String { "\(topic).\(group)\(GroupTopics.redrivesSuffix)" }
    /// What the group's members must know of each other: `<topic>.<group>.state`, one partition, compacted.
    public var state: String { "\(topic).\(group)\(GroupTopics.stateSuffix)" }

    private static let deadLettersSuffix = ".dlq"
    private static let redrivesSuffix = ".redrive"
    private static let stateSuffix = ".state"
    /// Limit: Kafka's, since a partition's folder is named after the topic and its number.
    static let nameBytesMax = 249

    /// The topics of a group.
    ///
    /// Kafka allows any text as a group's id; here it must be fit to be a part of a topic's name.
    public init(topic: String, group: String) throws(GroupTopicsError) {
        guard GroupTopics.isName(topic) else { throw .topic(topic) }
        guard GroupTopics.isName(group) else { throw .group(group) }
        self.topic = topic
        self.group = group
        for name in [deadLetters, redrives, state] where name.utf8.count > GroupTopics.nameBytesMax {
            throw .tooLong(name)
        }
    }

    static func isName(_ text: String) -> Bool { PlainText.isTopicName(text) }

    /// The group's own topics, as they are to be created beside a topic of so many partitions.
    ///
    /// `valueBytesMax` is the topic's own limit; a dead letter is its record with more headers, and an entry of the
    /// state has the record's key in it. Dead letters may be of any time: a record is given up however old it is.
    public func newTopics(partitions: Int, replicationFactor: Int = -1, valueBytesMax: Int = 2 << 20) -> [NewTopic] {
        // Limit: our headers are below 4 KiB, Spring's as much again. Kafka's own limit on limits is an Int32.
        let limit = String(min(valueBytesMax, Int(Int32.max) - 65_536) + 65_536)
        let letters = ["max.message.bytes": limit, "retention.ms": "-1"].merging(NewTopic.anyTime) { ours, _ in ours }
        return [deadLetters, redrives].map { name in
            NewTopic(name, partitions: partitions, replicationFactor: replicationFactor, config: letters)
        } + [
            NewTopic(
                state,
                partitions: 1,
                replicationFactor: replicationFactor,
                config: ["cleanup.policy": "compact", "max.message.bytes": limit]
            )
        ]
    }

    /// The largest record that the topic takes, as far as this user may read its settings; not below the default of the
    /// relay's own topics.
    package func valueBytesMax(_ admin: Admin) async -> Int {
        let found = try? await admin.describeTopics([topic])[topic]
        return max(2 << 20, found?.config["max.message.bytes"]?.value.flatMap { Int($0) } ?? 0)
    }

    /// Creates those of the group's own topics that are missing, with the partition count and the limits of the topic.
    ///
    /// Throws ``GroupTopicsError/missing(_:)`` when the topic itself is not there, and what kept the others from being
    /// created.
    public func createMissing(_ client: ClientSettings, replicationFactor: Int = -1) async throws {
        let admin = try Admin(client)
        defer { admin.close() }
        let found = try await admin.describeTopics([topic, deadLetters, redrives, state], includingConfig: false)
        guard let own = found[topic] else { throw GroupTopicsError.missing(topic) }
        guard [deadLetters, redrives, state].contains(where: { found[$0] == nil }) else { return }
        let wanted = newTopics(
            partitions: own.partitionCount,
            replicationFactor: replicationFactor,
            valueBytesMax: await valueBytesMax(admin)
        )
        for result in try await admin.createTopicsOfAnyAge(wanted.filter { found[$0.name] == nil }) {
            // Another member may have been faster.
            if let error = result.error, !error.isTopicAlreadyExists { throw error }
        }
    }
}

/// Why a group cannot have topics.
public enum GroupTopicsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// This is no topic's name.
    case topic(String)
    /// This group's id cannot be a part of a topic's name.
    case group(String)
    /// This name, made of both, is longer than Kafka allows.
    case tooLong(String)
    /// The topic that is to be read is not there.
    case missing(String)

    /// A line for people.
    public var description: String {
        let rule = "use 1 to \(GroupTopics.nameBytesMax) of the characters a-z A-Z 0-9 . _ -"
        return switch self {
        case .topic(let name): "the topic \(name.debugDescription) cannot exist: \(rule)"
        case .group(let name):
            "the group \(name.debugDescription) cannot name its own topics: \(rule)"
        case .tooLong(let name):
            "the topic \"\(name)\" would have a name of \(name.utf8.count) bytes, and Kafka allows "
                + "\(GroupTopics.nameBytesMax): choose a shorter group"
        case .missing(let name):
            "there is no topic \"\(name)\": create it first, look for a slip in its name, or grant this user Read on it"
        }
    }
}
