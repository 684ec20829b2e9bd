import CRdKafka

/// What a member of a consumer group is told.
public enum GroupEvent: Sendable {
    /// These partitions are this member's now. The rebalance goes on once the owner has called
    /// ``GroupConsumer/assign(_:)``, which may take a while: other members read on meanwhile.
    case assigned([TopicPartition])
    /// These partitions go to others, who get them once the owner has called ``GroupConsumer/unassign(_:)``: time to
    /// finish what is under way and to commit it. `isLost`: others may have them already, and a commit is refused.
    case revoked([TopicPartition], isLost: Bool)
    /// The result of a commit.
    case committed(CommitReport)
    /// An error that librdkafka recovers from by itself.
    case error(KafkaError)
    /// This member cannot go on, for example because another one has taken its
    /// ``GroupConsumerSettings/instanceID``.
    case fatal(KafkaError)
    /// A line of librdkafka's log.
    case log(LogLine)
}

/// The result of one call of ``GroupConsumer/commit(_:opaque:)``.
public struct CommitReport: Sendable {
    /// The number given to `commit`.
    public let opaque: UInt
    /// The offsets that are committed now.
    public let committed: [TopicPartition: Int64]
    /// Why the others are not.
    public let error: KafkaError?
}

extension GroupEvent {
    /// Reads an event of librdkafka; `nil` for those that are not used.
    init?(_ event: OpaquePointer, _ client: OpaquePointer) {
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_REBALANCE: self = GroupEvent.rebalance(event, client)
        case RD_KAFKA_EVENT_OFFSET_COMMIT: self = .committed(CommitReport(event))
        case RD_KAFKA_EVENT_LOG: self = .log(LogLine(event))
        case RD_KAFKA_EVENT_ERROR:
            let error = KafkaError(event: event)
            self = error.isFatal ? .fatal(KafkaError(fatalIn: client) ?? error) : .error(error)
        case RD_KAFKA_EVENT_FETCH: self.init(fetched: event)
        default: return nil
        }
    }

    /// Each partition's records have a queue of their own; what comes here is an error about the group or a topic.
    private init?(fetched event: OpaquePointer) {
        guard let message = rd_kafka_event_message_next(event), message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR
        else { return nil }
        self = .error(
            KafkaError(message.pointee.err, detail: rd_kafka_message_errstr(message).map { String(cString: $0) })
        )
    }

    private static func rebalance(_ event: OpaquePointer, _ client: OpaquePointer) -> GroupEvent {
        let list = rd_kafka_event_topic_partition_list(event)
        let partitions = PartitionList.elements(of: list).map(\.partition)
        if rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS { return .assigned(partitions) }
        return .revoked(partitions, isLost: rd_kafka_assignment_lost(client) != 0)
    }
}

extension CommitReport {
    init(_ event: OpaquePointer) {
        opaque = UInt(bitPattern: rd_kafka_event_opaque(event))
        let code = rd_kafka_event_error(event)
        var committed: [TopicPartition: Int64] = [:]
        var error = code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(event: event)
        for (partition, offset, failure) in PartitionList.elements(of: rd_kafka_event_topic_partition_list(event)) {
            if let failure {
                error = error ?? failure
            } else if code == RD_KAFKA_RESP_ERR_NO_ERROR {
                committed[partition] = offset.offset
            }
        }
        self.committed = committed
        self.error = error
    }
}
