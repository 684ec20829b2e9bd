public import Kafka

/// What happens in a consumer and is worth a line in a log.
public enum ConsumerNotice: Sendable {
    /// Partitions came to this member, and are read from these offsets on.
    case assigned([TopicPartition: Int64])
    /// Partitions have gone to others. `unfinished` calls of the handler were still running: their records will be
    /// handled again elsewhere.
    case revoked([TopicPartition], isLost: Bool, unfinished: Int)
    /// The committed offset lies beyond the partition's end, as after a topic was deleted and made again; reading
    /// begins at the first record there is.
    case beyondEnd(TopicPartition, committed: Int64, end: Int64)
    /// The process did not run for so long, which is longer than a session: nothing is begun before the group has said
    /// whether the partitions are still this member's.
    case stoodStill(Duration)
    /// A handler passed its deadline and was cancelled.
    case overdue(TopicPartition, offset: Int64, attempt: Int)
    /// A record was given up, and stands there in the dead-letter topic.
    case deadLettered(DeadLetter, RecordPlace)
    /// A key's records follow its dead letter from now on.
    case parked(ParkedKey)
    /// A key's dead letters have all been handled; its records are handled again.
    case unparked(ParkedKey)
    /// A dead letter or an entry of the group's state cannot be written: its key waits, and nothing is committed past
    /// it.
    case storeFailed(TopicPartition, offset: Int64, String)
    /// ``KeyedConsumerSettings/parkedKeysMax`` keys are parked: another key that fails waits until one is free.
    case parkedKeysFull(TopicPartition, offset: Int64)
    /// The group pauses, or goes on (`nil`).
    case paused(Pause?)
    /// An entry of the group's state topic that is not understood.
    case unknownState(offset: Int64)
    /// Offsets could not be committed; the next commit tries again.
    case commitFailed(KafkaError)
    /// Something went wrong in the Kafka client, which keeps trying.
    case kafka(any Error)
    /// A line of librdkafka's log.
    case log(LogLine)
}
