import Kafka

/// One assigned partition. Confined to its ``LanesStateMachine``.
final class PartitionWork {
    let id: TopicPartition
    private let rules: KeyedConsumerSettings
    /// Tells this assignment from an earlier one of the same partition.
    private let epoch: Int
    /// Below this offset everything was handled before: such records are read for their ids and times only.
    private let begin: Int64
    /// What was handled beyond `begin` before.
    private let doneAhead: CompletedOffsets
    /// The offset after the last record that was read, handled before or not.
    var readTo = Int64.min
    private var tracker: OffsetTracker
    private var dedupe: DedupeWindow
    private var newest: NewestTimes
    var parked: [KeyBytes: ParkedKey]
    var lanes: [KeyBytes: Lane] = [:]
    var isDraining = false
    var hasEnded = false
    /// What waits or is being done: records and their bytes.
    private(set) var records = 0
    private(set) var bytes = 0
    /// Reading stopped because there was no room.
    private var wantsRoom = false
    var committed: CommittedOffset?
    /// Keyless records have no order among each other; each gets a lane of its own.
    private var keyless: UInt64 = 0

    init(_ start: PartitionStart, epoch: Int, _ rules: KeyedConsumerSettings) {
        id = start.partition
        self.rules = rules
        self.epoch = epoch
        begin = start.committed
        doneAhead = start.doneAhead
        tracker = OffsetTracker(next: start.committed)
        dedupe = DedupeWindow(capacity: rules.dedupeWindow)
        newest = NewestTimes(capacity: rules.lateKeysMax)
        parked = start.parked
    }

    var next: Int64 { tracker.next }

    /// Returns the record's ticket if it has to be handled; otherwise it is done, and counted.
    func admit(_ read: ReadRecord, _ counts: inout ConsumerCounts) -> Int? {
        let facts = read.facts
        let offset = read.record.offset ?? 0
        guard offset >= begin else {
            remember(read)
            return nil
        }
        let ticket = tracker.add(offset, timestamp: read.record.timestampMilliseconds)
        if doneAhead.contains(offset) {
            remember(read)
            counts.handledBefore += 1
        } else if let mark = facts.mark, mark.group != rules.topics.group {
            counts.forOthers += 1
        } else if passesOver(facts) {
            counts.skippedReplays += 1
        } else if facts.mark == nil, let id = facts.uniqueID, !dedupe.insert(id) {
            counts.duplicates += 1
        } else {
            return ticket
        }
        tracker.complete(ticket)
        return nil
    }

    /// A redriven record is the group's own, whoever sent it before.
    private func passesOver(_ facts: RecordFacts) -> Bool {
        rules.skipsReplays && facts.replayID != nil && facts.mark == nil
    }

    /// What was handled before still identifies duplicates and late events.
    private func remember(_ read: ReadRecord) {
        guard !passesOver(read.facts) else { return }
        if let id = read.facts.uniqueID { _ = dedupe.insert(id) }
        guard let key = read.facts.key, let time = read.facts.occurredAt else { return }
        // What has followed a parked key was not handed out.
        if let parked = parked[key], !parked.mayHandle(read) { return }
        _ = newest.observe(key, time)
    }

    /// Returns whether the record is late: a newer event of its key was handed out before.
    func observe(_ queued: QueuedRecord, _ key: KeyBytes) -> Bool {
        guard queued.record.key != nil, let time = queued.facts.occurredAt else { return false }
        return newest.observe(key, time)
    }

    func laneKey(of read: ReadRecord) -> KeyBytes {
        if let key = read.facts.key { return key }
        keyless += 1
        // Of this assignment: a call that outlives an earlier one holds back its key, and here there is none.
        return KeyBytes(Self.bytes(of: UInt64(epoch)) + Self.bytes(of: keyless), isMade: true)
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }

    func hold(_ queued: QueuedRecord) {
        records += 1
        bytes += queued.bytes
    }

    func forget(_ queued: QueuedRecord) {
        records -= 1
        bytes -= queued.bytes
    }

    func complete(_ queued: QueuedRecord) { tracker.complete(queued.ticket) }

    /// How many records may be read now, with this share of all records and bytes.
    func room(recordsMax: Int, bytesMax: Int, meanBytes: Int) -> Int {
        guard !isDraining else { return 0 }
        let room = min(
            recordsMax - records,
            max(1, rules.aheadMax) - tracker.count,
            // Never so little that the partition would stand still.
            max(records == 0 ? 1 : 0, (bytesMax - bytes) / meanBytes)
        )
        wantsRoom = room <= 0
        return max(0, room)
    }

    /// Whether reading stopped for lack of room, and half of the partition's share is free again. True only once.
    func hasRoomAgain(recordsMax: Int) -> Bool {
        guard wantsRoom, records <= recordsMax / 2 else { return false }
        wantsRoom = false
        return true
    }

    /// All that is done: up to the first unfinished record, and beyond it, also what was not read yet.
    private var done: CompletedOffsets {
        var done = CompletedOffsets(next: tracker.next, ranges: tracker.doneAhead)
        for range in doneAhead.ranges where range.upperBound >= tracker.end {
            done.insert(max(range.lowerBound, tracker.end)...range.upperBound)
        }
        return done
    }

    func commit(metadataBytesMax: Int) -> CommittedOffset? {
        // The text counts from this offset, which may be beyond what was read: see what was done before.
        let done = done
        let offset = CommittedOffset(
            offset: done.next,
            metadata: done.ranges.isEmpty ? "" : done.text(bytesMax: metadataBytesMax)
        )
        return offset == committed ? nil : offset
    }

    var figures: ConsumerFigures.Partition {
        ConsumerFigures.Partition(
            partition: id,
            next: tracker.next,
            waiting: records,
            oldestTimestamp: tracker.oldestTimestamp,
            parkedKeys: parked.count,
            done: done
        )
    }
}

extension ParkedKey {
    /// A parked key's records are given up as well, unless they were redriven, by a run of which none failed again.
    /// What stood before the first dead letter is not parked: it is read again after a crash.
    func mayHandle(_ read: ReadRecord) -> Bool {
        if let mark = read.facts.mark { return mark.run != blockedRun }
        return (read.record.offset ?? 0) < offset
    }
}

/// The newest ids of one partition, exact: a different id is never taken for a known one.
struct DedupeWindow {
    /// Limit: ids that are remembered; the oldest is forgotten first. 0 remembers none.
    let capacity: Int
    private var known: Set<KeyBytes> = []
    private var order = Fifo<KeyBytes>()

    init(capacity: Int) { self.capacity = capacity }

    /// False if the id was known: the record is a duplicate.
    mutating func insert(_ id: KeyBytes) -> Bool {
        guard capacity > 0 else { return true }
        guard known.insert(id).inserted else { return false }
        order.append(id)
        if order.count > capacity, let oldest = order.removeFirst() { known.remove(oldest) }
        return true
    }
}

/// For each key of one partition, the time of the newest event that was seen.
struct NewestTimes {
    /// Limit: keys; the one that was seen first is forgotten first, and its next event is never late.
    let capacity: Int
    private var times: [KeyBytes: Int64] = [:]
    private var order = Fifo<KeyBytes>()

    init(capacity: Int) { self.capacity = capacity }

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
