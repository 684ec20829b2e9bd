/// The topics that belong to a consumer group on a topic.
public struct GroupTopics: Sendable, Hashable {
    /// The topic that the group reads.
    public let topic: String
    /// The group's id.
    public let group: String

    /// Records that were given up: `<topic>.<group>.dlq`, with as many partitions as the topic.
    public var deadLetters: String { "\(topic).\(group)\(GroupTopics.deadLettersSuffix)" }
    /// What the group's members must know of each other: `<topic>.<group>.state`, one partition, compacted.
    public var state: String { "\(topic).\(group)\(GroupTopics.stateSuffix)" }

    private static let deadLettersSuffix = ".dlq"
    private static let stateSuffix = ".state"
    /// Limit: Kafka's, since a topic's name is a folder's with a partition's number behind it.
    static let nameBytesMax = 249

    /// The topics of a group.
    ///
    /// Kafka allows any text as a group's id; here it must be fit to be a part of a topic's name.
    public init(topic: String, group: String) throws(GroupTopicsError) {
        guard GroupTopics.isName(topic) else { throw .topic(topic) }
        guard GroupTopics.isName(group) else { throw .group(group) }
        self.topic = topic
        self.group = group
        for name in [deadLetters, state] where name.utf8.count > GroupTopics.nameBytesMax {
            throw .tooLong(name)
        }
    }

    /// Whether Kafka takes a text as a topic's name.
    static func isName(_ text: String) -> Bool {
        guard (1...nameBytesMax).contains(text.utf8.count), text != ".", text != ".." else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
