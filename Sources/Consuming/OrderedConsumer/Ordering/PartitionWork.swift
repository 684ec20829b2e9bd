import Kafka

/// Everything about one assigned partition. Confined to its ``LanesStateMachine``.
final class PartitionWork {
    let id: TopicPartition
    /// Tells this assignment from an earlier one of the same partition.
    let epoch: Int
    /// Below this offset everything was handled before: such records are read for their ids and times only.
    let begin: Int64
    /// What was handled beyond `begin` before.
    let doneAhead: CompletedOffsets
    /// Behind the last record that was read, handled before or not.
    var readTo = Int64.min
    var tracker: OffsetTracker
    var dedupe: DedupeWindow
    var newest: NewestTimes
    var parked: [KeyBytes: ParkedKey]
    var lanes: [KeyBytes: Lane] = [:]
    /// Goes to another member: nothing new is begun.
    var isDraining = false
    /// Is another member's by now.
    var hasEnded = false
    /// What waits or is being done: records and their bytes.
    var records = 0
    var bytes = 0
    /// Reading stopped for want of room.
    var wantsRoom = false
    var committed: CommittedOffset?
    /// Keyless records have no order among each other; each gets a lane of its own.
    private var keyless: UInt64 = 0

    init(_ start: PartitionStart, epoch: Int, dedupeWindow: Int, lateKeysMax: Int) {
        id = start.partition
        self.epoch = epoch
        begin = start.committed
        doneAhead = start.doneAhead
        tracker = OffsetTracker(next: start.committed)
        dedupe = DedupeWindow(capacity: dedupeWindow)
        newest = NewestTimes(capacity: lateKeysMax)
        parked = start.parked
    }

    /// All that is done, for a commit: up to the first unfinished record, and beyond it, also what was not read yet.
    var doneBeyond: CompletedOffsets {
        var done = CompletedOffsets(next: tracker.next, ranges: tracker.doneAhead)
        for range in doneAhead.ranges where range.upperBound >= tracker.end {
            done.insert(max(range.lowerBound, tracker.end)...range.upperBound)
        }
        return done
    }

    /// The lane of a record: its key's, or one of its own.
    func laneKey(of read: ReadRecord) -> KeyBytes {
        if let key = read.facts.key { return key }
        keyless += 1
        // Of this assignment: a call that outlives an earlier one holds back its key, and here there is none.
        return KeyBytes(withBytes(of: UInt64(epoch)) + withBytes(of: keyless), isMade: true)
    }

    private func withBytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }
}

/// Where a partition begins for this member, and what is known of it.
struct PartitionStart: Sendable {
    let partition: TopicPartition
    /// The first record that has to be handled.
    let committed: Int64
    /// Where reading begins, before that: for the ids and times of what was handled.
    let readFrom: Int64
    let doneAhead: CompletedOffsets
    let parked: [KeyBytes: ParkedKey]

    init(
        _ partition: TopicPartition,
        committed: Int64,
        readFrom: Int64,
        doneAhead: CompletedOffsets? = nil,
        parked: [KeyBytes: ParkedKey] = [:]
    ) {
        self.partition = partition
        self.committed = committed
        self.readFrom = readFrom
        self.doneAhead = doneAhead ?? CompletedOffsets(next: committed)
        self.parked = parked
    }
}

/// The newest ids of one partition. Exact: a different id is never taken for a known one.
struct DedupeWindow {
    /// Limit: ids that are remembered; the oldest is forgotten first. 0 remembers none.
    let capacity: Int
    private var known: Set<KeyBytes> = []
    private var order = Fifo<KeyBytes>()

    init(capacity: Int) { self.capacity = capacity }

    /// Remembers an id. False if it was known: the record is a duplicate.
    mutating func insert(_ id: KeyBytes) -> Bool {
        guard capacity > 0 else { return true }
        guard known.insert(id).inserted else { return false }
        order.append(id)
        if order.count > capacity, let oldest = order.removeFirst() { known.remove(oldest) }
        return true
    }
}

/// For each key of one partition, when the newest event that was seen had occurred.
struct NewestTimes {
    /// Limit: keys that are remembered; the one that was seen first is forgotten first, and its next event is never
    /// late.
    let capacity: Int
    private var times: [KeyBytes: Int64] = [:]
    private var order = Fifo<KeyBytes>()

    init(capacity: Int) { self.capacity = capacity }

    /// Notes an event. Whether it is late: a newer one of its key was seen before.
    mutating func observe(_ key: KeyBytes, _ milliseconds: Int64) -> Bool {
        guard capacity > 0 else { return false }
        guard let place = times.index(forKey: key) else {
            times[key] = milliseconds
            order.append(key)
            if order.count > capacity, let oldest = order.removeFirst() { times[oldest] = nil }
            return false
        }
        let newest = times.values[place]
        if milliseconds > newest { times.values[place] = milliseconds }
        return milliseconds < newest
    }
}
