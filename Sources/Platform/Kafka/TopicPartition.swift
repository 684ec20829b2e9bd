/// A partition of a topic.
public struct TopicPartition: Sendable, Hashable {
    /// The topic's name.
    public let topic: String
    /// The partition.
    public let partition: Int32

    /// A partition of a topic.
    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
}

extension TopicPartition: CustomStringConvertible, Comparable {
    /// `topic [partition]`.
    public var description: String { "\(topic) [\(partition)]" }

    /// By topic, then by number.
    public static func < (left: Self, right: Self) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

/// How far a consumer group has come in a partition.
public struct CommittedOffset: Sendable, Equatable {
    /// The offset of the next record to work on.
    public var offset: Int64
    /// What the consumer wrote beside it, usually empty. At most 4,096 bytes unless the broker's
    /// `offset.metadata.max.bytes` says otherwise.
    public var metadata: String

    /// An offset to commit, or one that was.
    public init(offset: Int64, metadata: String = "") {
        self.offset = offset
        self.metadata = metadata
    }
}
