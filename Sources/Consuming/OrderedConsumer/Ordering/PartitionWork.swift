import Kafka

/// One assigned partition. Confined to its ``LanesStateMachine``.
final class PartitionWork {
    let id: TopicPartition
    private let rules: KeyedConsumerSettings
    /// Tells this assignment from an earlier one of the same partition.
    private let epoch: Int
    /// The partition of the group's redrive topic that goes with it; nil if there is none.
    private(set) var redrives: TopicPartition?
    /// By source; that of the redrives is unused while there are none.
    private var offsets: [SourceOffsets]
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
    /// Redriven records that were handled in this assignment: a second run that sent them too has them handled once.
    private var redriven: DedupeWindow
    /// Keyless records have no order among each other; each gets a lane of its own.
    private var keyless: UInt64 = 0

    init(_ start: PartitionStart, epoch: Int, _ rules: KeyedConsumerSettings) {
        id = start.partition
        self.rules = rules
        self.epoch = epoch
        redrives = start.redrives?.partition
        offsets = [
            SourceOffsets(begin: start.committed, doneAhead: start.doneAhead),
            SourceOffsets(begin: start.redrives?.committed ?? 0, doneAhead: start.redrives?.doneAhead),
        ]
        dedupe = DedupeWindow(capacity: rules.dedupeWindow)
        redriven = DedupeWindow(capacity: rules.dedupeWindow)
        newest = NewestTimes(capacity: rules.lateKeysMax)
        parked = start.parked
    }

    /// Where a partition's records come from.
    enum Source: Int {
        case topic, redrives
    }

    /// What a record that has to be handled is completed with.
    struct Ticket {
        let source: Source
        let number: Int
        /// Tells the source from what it was before it was made again.
        let edition: Int
    }

    var next: Int64 { self[.topic].next }

    private subscript(source: Source) -> SourceOffsets {
        get { offsets[source.rawValue] }
        set { offsets[source.rawValue] = newValue }
    }

    /// The offset after the last record that was read.
    func readTo(_ source: Source) -> Int64 { self[source].readTo }

    /// The redrive topic was made again: what comes now is new under old offsets; what came before goes on.
    func restartRedrives(at offset: Int64) {
        self[.redrives] = SourceOffsets(begin: offset, edition: self[.redrives].edition + 1)
    }

    /// The topic was made again, the redrive topic was not.
    func takeRedrives(of other: PartitionWork) { (redrives, self[.redrives]) = (other.redrives, other[.redrives]) }

    /// Returns the record's ticket if it has to be handled; otherwise it is done, and counted.
    func admit(_ read: ReadRecord, from source: Source, _ counts: inout ConsumerCounts) -> Ticket? {
        let place = source.rawValue
        offsets[place].read(read.offset)
        guard read.offset >= offsets[place].begin else {
            remember(read)
            return nil
        }
        let (number, wasDone) = offsets[place].add(read.offset, timestamp: read.record.timestampMilliseconds)
        let ticket = Ticket(source: source, number: number, edition: offsets[place].edition)
        if wasDone {
            remember(read)
            counts.handledBefore += 1
        } else if isForOthers(read.facts, from: source) {
            counts.forOthers += 1
        } else if passesOver(read.facts) {
            counts.skippedReplays += 1
        } else if read.facts.mark == nil, let id = read.facts.uniqueID, !dedupe.insert(id) {
            counts.duplicates += 1
        } else {
            return ticket
        }
        complete(ticket)
        return nil
    }

    /// In the topic stand those that earlier releases sent back there. In the redrive topic stands nothing else.
    private func isForOthers(_ facts: RecordFacts, from source: Source) -> Bool {
        guard source == .redrives else { return facts.mark.map { $0.group != rules.topics.group } ?? false }
        return facts.mark?.group != rules.topics.group || facts.mark?.origin.partition != id.partition
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

    /// Nothing is left to note of a topic that was made again meanwhile.
    func complete(_ ticket: Ticket) {
        let place = ticket.source.rawValue
        if offsets[place].edition == ticket.edition { offsets[place].complete(ticket.number) }
    }

    /// Whether a redriven record was handled by now, as one of a run that sent it before.
    func wasRedriven(_ queued: QueuedRecord, _ key: KeyBytes) -> Bool {
        guard queued.ticket.source == .redrives, let mark = queued.facts.mark else { return false }
        return mark.known != nil && parked[key] == nil || redriven.contains(Self.identity(of: queued))
    }

    func noteRedriven(_ queued: QueuedRecord) {
        if queued.ticket.source == .redrives { _ = redriven.insert(Self.identity(of: queued)) }
    }

    /// An offset alone is none: a topic that was made again has it anew.
    private static func identity(of queued: QueuedRecord) -> KeyBytes {
        let numbers = [queued.record.offset ?? 0, queued.record.timestampMilliseconds ?? 0]
        return KeyBytes(numbers.flatMap { bytes(of: UInt64(bitPattern: $0)) } + (queued.facts.id?.bytes ?? []))
    }

    /// How many records of a source may be read now, with this share of all records and bytes.
    func room(of source: Source, recordsMax: Int, bytesMax: Int, meanBytes: Int) -> Int {
        guard !isDraining else { return 0 }
        let room = min(
            recordsMax - records,
            max(1, rules.aheadMax) - self[source].count,
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

    /// What can be committed and is not yet.
    func commits(metadataBytesMax: Int) -> [TopicPartition: CommittedOffset] {
        var commits: [TopicPartition: CommittedOffset] = [:]
        commits[id] = self[.topic].commit(metadataBytesMax: metadataBytesMax)
        if let redrives { commits[redrives] = self[.redrives].commit(metadataBytesMax: metadataBytesMax) }
        return commits
    }

    func note(_ committed: CommittedOffset, of source: Source) { offsets[source.rawValue].committed = committed }

    var figures: ConsumerFigures.Partition {
        ConsumerFigures.Partition(
            partition: id,
            next: next,
            waiting: records,
            oldestTimestamp: self[.topic].oldestTimestamp,
            parkedKeys: parked.count,
            done: self[.topic].done
        )
    }
}

extension ParkedKey {
    /// A parked key's records are given up as well, unless they were redriven, by a run that knew of all that was given
    /// up again: to handle others would break the order. What stood before the first dead letter is not parked: it is
    /// read again after a crash.
    func mayHandle(_ read: ReadRecord) -> Bool {
        guard let mark = read.facts.mark else { return (read.record.offset ?? 0) < offset }
        // Earlier releases say only which run it was.
        guard let known = mark.known else { return mark.run != blockedRun }
        return blockedAt.map { known.partition != deadLetterPartition || known.offset >= $0 } ?? true
    }
}

/// The newest ids of one partition, exact: a different id is never taken for a known one.
struct DedupeWindow {
    /// Limit: ids that are remembered; the oldest is forgotten first. 0 remembers none.
    let capacity: Int
    private var known: Set<KeyBytes> = []
    private var order = Fifo<KeyBytes>()

    init(capacity: Int) { self.capacity = capacity }

    func contains(_ id: KeyBytes) -> Bool { known.contains(id) }

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
