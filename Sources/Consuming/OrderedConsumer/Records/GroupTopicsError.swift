/// Why a group cannot have topics.
public enum GroupTopicsError: Error, Sendable, Equatable {
    /// This is no topic's name.
    case topic(String)
    /// This group's id cannot be a part of a topic's name.
    case group(String)
    /// This name, made of both, is longer than Kafka allows.
    case tooLong(String)
    /// The topic that is to be read is not there.
    case missing(String)
}

extension GroupTopicsError: CustomStringConvertible {
    /// A line for people.
    public var description: String {
        let rule = "use 1 to \(GroupTopics.nameBytesMax) of the characters a-z A-Z 0-9 . _ -"
        return switch self {
        case .topic(let name): "the topic \(name.debugDescription) cannot exist: \(rule)"
        case .group(let name):
            "the group \(name.debugDescription) cannot name its dead-letter and state topics: \(rule)"
        case .tooLong(let name):
            "the topic \"\(name)\" would have a name of \(name.utf8.count) bytes, and Kafka allows "
                + "\(GroupTopics.nameBytesMax): choose a shorter group"
        case .missing(let name): "there is no topic \"\(name)\": create it first, or look for a slip in its name"
        }
    }
}
