/// What a consumer group's member has to know and to do.
public enum GroupEvent: Sendable {
    /// These partitions are this member's now. The rebalance goes on once the owner has called
    /// ``GroupConsumer/assign(_:)``, which may take a while: other members read on meanwhile.
    case assigned([TopicPartition])
    /// These partitions go to others, who get them once the owner has called ``GroupConsumer/unassign(_:)``: time to
    /// finish what is under way and to commit it. `isLost`: others may have them already, and a commit is refused.
    case revoked([TopicPartition], isLost: Bool)
    /// What became of a commit.
    case committed(CommitReport)
    /// Something went wrong that librdkafka is working on by itself.
    case error(KafkaError)
    /// This member is beyond repair, for example because another one has taken its
    /// ``GroupConsumerSettings/instanceID``.
    case fatal(KafkaError)
    /// A line of librdkafka's log.
    case log(LogLine)
}

/// What became of one call of ``GroupConsumer/commit(_:opaque:)``.
public struct CommitReport: Sendable {
    /// The number given to `commit`.
    public let opaque: UInt
    /// The offsets that are committed now.
    public let committed: [TopicPartition: Int64]
    /// Why the others are not.
    public let error: KafkaError?
}
