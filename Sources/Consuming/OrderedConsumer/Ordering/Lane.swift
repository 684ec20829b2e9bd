import Kafka

/// One key of one partition: what waits, and what is being done. Confined to its ``LanesStateMachine``.
final class Lane {
    enum State: Equatable {
        /// In the queue of those that may run.
        case ready
        /// A worker has it.
        case running
        /// Until its timer, for a retry or for the reorder window.
        case waiting
        /// Until an earlier call for the same key, from before the partition went and came back, has ended.
        case blocked
    }

    /// What a lane is busy with, over all its attempts.
    struct Current {
        enum Stage {
            case handle
            case giveUp(DeadLetterReason, String)
            case write(StateEntry)
        }

        var records: [QueuedRecord]
        var stage = Stage.handle
        var isLate = false
        /// Failed calls of the handler.
        var failures = 0
        /// Failed attempts to write a dead letter or an entry.
        var storeFailures = 0
        var firstFailure: Int64?
        /// What is being written about records that are given up.
        var letters: [DeadLetter] = []
        var parking: ParkedKey?

        /// The record that the handler is called with: the newest.
        var newest: QueuedRecord { records[records.count - 1] }
    }

    let index: Int
    let key: KeyBytes
    let partition: PartitionWork
    var queue: LaneQueue
    var state = State.blocked
    var current: Current?
    /// Another one with each change of state, which no lane had before: older entries in queues and timers mean nothing
    /// then.
    var stamp = 0
    /// The call that is running, and who runs it.
    var serial = 0
    var worker = 0
    var startedAt = Duration.zero
    /// Its worker's task was, or is about to be, cancelled: it ends with this call.
    var isCancelling = false
    var isOverdue = false

    init(index: Int, key: KeyBytes, partition: PartitionWork, isReordering: Bool) {
        self.index = index
        self.key = key
        self.partition = partition
        queue = LaneQueue(isReordering: isReordering)
    }

    var place: (partition: TopicPartition, offset: Int64) {
        (partition.id, current?.newest.record.offset ?? -1)
    }
}

/// What one lane has to have done next. Whoever takes it reports with ``LanesStateMachine/settle(_:_:at:)``.
struct LaneWork: Sendable {
    /// What is to be done.
    enum Step: Sendable {
        /// Call the handler.
        case handle(ConsumedRecord)
        /// Write records to the dead letters, in order. With `parking`, first the key's entry if it is new, and
        /// afterwards the entry with the place of the last one.
        case giveUp([(record: Record, letter: DeadLetter)], parking: ParkedKey?, isNew: Bool)
        /// Write an entry of the group's state.
        case write(StateEntry)
    }

    /// What became of it.
    enum Result: Sendable {
        case handled(Verdict)
        /// The places of the dead letters, in their order.
        case gaveUp([RecordPlace])
        case written
        /// The dead letter or the entry could not be written.
        case failed(String)
    }

    /// Who does it: the worker that asked.
    let worker: Int
    let lane: Int
    /// Tells this call from earlier and later ones of the lane.
    let serial: Int
    let step: Step
}
