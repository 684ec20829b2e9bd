internal import Kafka
internal import Timestamps

/// How a group is doing. The names, in snake case, are those of its JSON.
package struct GroupReport: Sendable, Equatable, Encodable {
    package struct Member: Sendable, Equatable, Encodable {
        package let clientID: String
        package let host: String
        package let memberID: String
        package let instanceID: String?
        package let partitions: [Int32]

        private enum CodingKeys: String, CodingKey {
            case host, partitions
            case clientID = "client_id"
            case memberID = "member_id"
            case instanceID = "instance_id"
        }
    }

    package struct Partition: Sendable, Equatable, Encodable {
        package let partition: Int32
        package let low: Int64
        package let high: Int64
        package let committed: Int64?
        package let doneAhead: Int64
        package let lag: Int64
        package let expired: Int64
        package let oldestUnfinishedAt: String?
        package let oldestUnfinishedAgeMilliseconds: Int64?
        /// The client id of the member that has it.
        package let member: String?

        private enum CodingKeys: String, CodingKey {
            case partition, low, high, committed, lag, expired, member
            case doneAhead = "done_ahead"
            case oldestUnfinishedAt = "oldest_unfinished_at"
            case oldestUnfinishedAgeMilliseconds = "oldest_unfinished_age_ms"
        }
    }

    package struct Parked: Sendable, Equatable, Encodable {
        /// As text, or as `0x…` if it is none.
        package let key: String
        package let partition: Int32
        package let offset: Int64
        package let id: String?
        package let reason: String
        package let parkedAt: String

        private enum CodingKeys: String, CodingKey {
            case key, partition, offset, id, reason
            case parkedAt = "parked_at"
        }
    }

    package struct DeadLetters: Sendable, Equatable, Encodable {
        package let topic: String
        package let waiting: Int
        package let waitingByReason: [String: Int]
        package let oldestWaitingAt: String?
        package let redriven: Int
        package let foreign: Int

        private enum CodingKeys: String, CodingKey {
            case topic, waiting, redriven, foreign
            case waitingByReason = "waiting_by_reason"
            case oldestWaitingAt = "oldest_waiting_at"
        }
    }

    package let topic: String
    package let group: String
    package let state: String
    package let assignor: String
    package let pausedAt: String?
    package let pausedBy: String?
    package let members: [Member]
    package let partitions: [Partition]
    package let lag: Int64
    package let expired: Int64
    package let oldestUnfinishedAgeMilliseconds: Int64?
    package let parkedCount: Int
    /// The keys that are parked longest.
    package let parked: [Parked]
    /// Nil if there is no dead-letter topic.
    package let deadLetters: DeadLetters?
    package let hasStateTopic: Bool
    package let unreadableStateRecords: Int
    /// Whether state and dead letters were read to their ends; numbers of others are lower bounds.
    package let isComplete: Bool

    private enum CodingKeys: String, CodingKey {
        case topic, group, state, assignor, members, partitions, lag, expired, parked
        case pausedAt = "paused_at"
        case pausedBy = "paused_by"
        case oldestUnfinishedAgeMilliseconds = "oldest_unfinished_age_ms"
        case parkedCount = "parked_count"
        case deadLetters = "dead_letters"
        case hasStateTopic = "has_state_topic"
        case unreadableStateRecords = "unreadable_state_records"
        case isComplete = "is_complete"
    }
}
