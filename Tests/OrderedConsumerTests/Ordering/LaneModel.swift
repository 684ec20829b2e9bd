import Kafka

@testable import OrderedConsumer

/// Names one key of one partition, or one record without a key.
struct LaneName: Hashable {
    let partition: Int32
    let key: KeyBytes?
    /// -1 unless there is no key.
    let offset: Int64

    init(_ partition: Int32, _ record: Kafka.Record) {
        self.partition = partition
        key = record.key.map { KeyBytes($0) }
        offset = key == nil ? record.offset ?? -1 : -1
    }
}

/// What ``Lane`` should be: one key's records, as plain lists.
final class LaneModel {
    enum Stage {
        case handle
        case giveUp(DeadLetterReason)
        case write(StateEntry)
    }

    /// One record that waits.
    struct Waiting {
        let logged: LoggedRecord
        let releaseAt: Duration
        let sortTime: Int64
    }

    let name: LaneName
    /// In the order in which they are to be handed out.
    var queue: [Waiting] = []
    var current: [LoggedRecord] = []
    var stage = Stage.handle
    var isLate = false
    var failures = 0
    var storeFailures = 0
    /// What comes next belongs to a call that has ended just now.
    var isFollowUp = false
    /// When it may go on, and when it must be able to.
    var notBefore = Duration.zero
    var dueBy = Duration.zero
    /// Whether it may be waiting for room among the parked keys.
    var mayBeRefused = false
    /// A parking that was tried and has neither succeeded nor been left.
    var isParking = false
    var isRunning = false
    var isCancelling = false
    var isOverdue = false
    var worker = 0
    var startedAt = Duration.zero

    init(_ name: LaneName) { self.name = name }

    func append(_ logged: LoggedRecord, at now: Duration, _ rules: LaneRules) {
        var sortTime: Int64 = 0
        if rules.isReordering {
            sortTime = logged.time ?? logged.record.timestampMilliseconds ?? 0
            if logged.facts.mark != nil { sortTime = max(sortTime, queue.map(\.sortTime).max() ?? sortTime) }
        }
        let releaseAt = rules.isReordering ? now + rules.reorderWindow : .zero
        queue.append(Waiting(logged: logged, releaseAt: releaseAt, sortTime: sortTime))
        let sorted = queue.enumerated().sorted { ($0.element.sortTime, $0.offset) < ($1.element.sortTime, $1.offset) }
        queue = sorted.map(\.element)
    }

    func hasDue(at now: Duration) -> Bool { queue.contains { $0.releaseAt <= now } }

    /// When there is something to do, at the latest.
    var due: Duration? { current.isEmpty ? queue.map(\.releaseAt).min() : dueBy }

    func takeNext(at now: Duration) -> LoggedRecord? { hasDue(at: now) ? queue.removeFirst().logged : nil }

    /// Ready for new records.
    func clear() {
        current = []
        stage = .handle
        (failures, storeFailures) = (0, 0)
        (isFollowUp, isParking, mayBeRefused, isLate) = (false, false, false, false)
        (notBefore, dueBy) = (.zero, .zero)
    }
}

/// What ``PartitionWork`` should be: one assignment of one partition.
final class PartitionModel {
    let number: Int32
    let begin: Int64
    let before: CompletedOffsets
    /// How many records of the topic were read.
    var read = 0
    /// Records that are done in this assignment, or were before.
    var done: Set<Int64> = []
    var parked: [KeyBytes: ParkedKey]
    /// Keys that had a dead letter in this assignment: all their records follow it.
    var failedHere: Set<KeyBytes> = []
    var newest: [KeyBytes: Int64] = [:]
    var lanes: [LaneName: LaneModel] = [:]
    var isDraining = false

    init(_ number: Int32, begin: Int64, before: CompletedOffsets, parked: [KeyBytes: ParkedKey]) {
        self.number = number
        self.begin = begin
        self.before = before
        self.parked = parked
    }

    /// Whether a record of a key goes to the handler although the key is parked.
    func isLet(_ logged: LoggedRecord, through parked: ParkedKey) -> Bool {
        if let mark = logged.facts.mark { return mark.run != parked.blockedRun }
        return logged.offset < parked.offset && !failedHere.contains(KeyBytes(parked.key))
    }

    func read(_ logged: LoggedRecord, at now: Duration, _ rules: LaneRules) {
        read += 1
        if before.contains(logged.offset) {
            done.insert(logged.offset)
            // A parked record was never handed out.
            let isParked = logged.key.flatMap { parked[$0] }.map { !isLet(logged, through: $0) } ?? false
            if !isParked, !logged.isPassedOver, let key = logged.key, let time = logged.time { _ = observe(key, time) }
        } else if logged.isDropped {
            done.insert(logged.offset)
        } else {
            let name = LaneName(number, logged.record)
            let lane = lanes[name] ?? LaneModel(name)
            lanes[name] = lane
            lane.append(logged, at: now, rules)
        }
    }

    /// Whether a newer event of the key was seen before.
    func observe(_ key: KeyBytes, _ time: Int64) -> Bool {
        let last = newest[key]
        newest[key] = max(last ?? time, time)
        return last.map { time < $0 } ?? false
    }

    var waiting: Int { lanes.values.reduce(0) { $0 + $1.queue.count + $1.current.count } }
}
