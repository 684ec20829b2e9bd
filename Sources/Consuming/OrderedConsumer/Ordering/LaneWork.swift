import Kafka

/// A lane's next step. The worker that takes it reports with ``LanesStateMachine/settle(_:_:at:)``.
struct LaneWork: Sendable {
    enum Step: Sendable {
        case handle(ConsumedRecord)
        /// Write dead letters, in order. With `parking`, first the key's entry if it is new, and afterwards the entry
        /// with the place of the last dead letter.
        case giveUp([(record: Record, letter: DeadLetter)], parking: ParkedKey?, isNew: Bool)
        case write(StateEntry)
    }

    enum Result: Sendable {
        case handled(Verdict)
        case gaveUp(GivenUp)
        case written
        case failed(String)
    }

    struct GivenUp: Sendable {
        /// Where the dead letters stand, in order.
        var places: [RecordPlace] = []
        /// Bytes of values that their dead letters are without, by their places in the order.
        var omitted: [Int: Int] = [:]
        /// Why a new key could not be parked: its entry fits into no record of the state topic.
        var refusedParking: String?
    }

    let worker: Int
    let lane: Int
    /// Tells this call from earlier and later ones of the lane.
    let serial: Int
    let step: Step
}

extension LanesStateMachine {
    struct Settlement {
        let moment: Moment
        var next: LaneWork?
        var notices: [ConsumerNotice] = []
        /// The loop has something to do: a partition has room again, or a drain has ended.
        var ringsLoop = false
    }
}

extension Verdict {
    /// What a cancelled call says may come from the cancellation, so it counts only if it is done.
    var ofCancelledCall: Verdict {
        switch self {
        case .done, .retry, .hold: self
        case .skip: .retry("skipped after it was cancelled")
        case .deadLetter(_, let message): .retry(message)
        }
    }
}

/// The records that a lane is busy with, over all attempts: one, or several with coalescing.
struct LaneBatch {
    enum Stage {
        case handle
        case giveUp(DeadLetterReason, String)
        case write(StateEntry)
    }

    var records: [QueuedRecord]
    var stage = Stage.handle
    var isLate = false
    /// Attempts that count.
    private(set) var failures = 0
    /// Those between which other records were done: they are this record's own fault.
    private var ownFailures = 0
    private var successesSeen = 0
    /// Waits for a breaker to close.
    private(set) var isHeld = false
    var storeFailures = 0
    private(set) var firstFailure: Int64?
    var letters: [DeadLetter] = []
    var parking: ParkedKey?

    init(_ first: QueuedRecord) { records = [first] }

    var newest: QueuedRecord { records[records.count - 1] }

    /// Where the first record first stood.
    private var origin: Int64 { records[0].facts.mark?.origin.offset ?? records[0].record.offset ?? 0 }

    /// `successes` is the breaker's count.
    mutating func fail(at now: Moment, successes: Int) {
        if firstFailure != nil, successes != successesSeen { ownFailures = failures + 1 }
        failures += 1
        hold(at: now, successes: successes)
        isHeld = false
    }

    /// A failure that is not the record's.
    mutating func hold(at now: Moment, successes: Int) {
        firstFailure = firstFailure ?? now.wall
        successesSeen = successes
        isHeld = true
    }

    /// Takes back the attempts since the last success: what they have in common is at fault.
    mutating func forgive(successes: Int) { if successes == successesSeen { failures = min(failures, ownFailures) } }

    func letters(group: String, _ reason: DeadLetterReason, _ message: String, at now: Moment) -> [DeadLetter] {
        records.map { queued in
            DeadLetter(
                of: queued.record,
                group: group,
                reason: reason,
                message: message,
                attempts: failures,
                firstFailureMilliseconds: firstFailure ?? now.wall,
                lastFailureMilliseconds: now.wall
            )
        }
    }

    /// The entry of a key that is parked from this batch on.
    func newParking(of lane: Lane, _ reason: DeadLetterReason, at now: Moment) -> ParkedKey {
        ParkedKey(
            topic: lane.partition.id.topic,
            key: lane.key.bytes,
            partition: lane.partition.id.partition,
            offset: origin,
            id: records[0].facts.idText,
            reason: reason,
            parkedAtMilliseconds: now.wall
        )
    }

    /// The key's entry once this batch is given up. A redriven record that fails holds the rest of its run back, and
    /// any record all that waits behind it, also what stood before it or before the first dead letter.
    func extending(_ parked: ParkedKey, behind queue: LaneQueue) -> ParkedKey {
        var parked = parked
        parked.offset = min(parked.offset, origin, queue.leastOffset ?? .max)
        if let run = newest.facts.mark?.run { parked.blockedRun = run }
        return parked
    }

    /// What has to be written before a redriven record of a parked key counts as done.
    func entry(afterRedriveOf parked: ParkedKey) -> StateEntry? {
        guard let mark = newest.facts.mark, let drained = mark.drained else { return nil }
        let isDrained = parked.lastDeadLetter.map { $0 <= drained.offset } ?? true
        if isDrained { return .gone(.parked(topic: parked.topic, key: parked.key)) }
        var redriven = parked
        redriven.redrivenRun = mark.run
        return .parked(redriven)
    }
}
