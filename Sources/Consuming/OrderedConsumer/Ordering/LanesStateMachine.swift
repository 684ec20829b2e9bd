import Kafka

/// Which record is handled when: one call at a time for each key, in the topic's order, through retries, dead letters,
/// rebalances and redrives, while other keys go on. Pure: it is told what happened and says what to do next.
///
/// Records come in with ``add(_:of:at:)``. ``take(for:at:)`` gives out work until ``LaneRules/lanesMax`` calls run;
/// each is reported with ``settle(_:_:at:)``, which has the worker's next work. ``wake(at:)`` lets go what has waited
/// long enough.
struct LanesStateMachine: ~Copyable {
    /// A place in the queue of lanes that may run; void when the lane's stamp is another.
    struct Ready {
        let lane: Int
        let stamp: Int
    }

    /// What a report leads to.
    struct Settlement {
        /// The worker's next work.
        var next: LaneWork?
        var notices: [ConsumerNotice] = []
        /// The loop has something to do: there is room again, or a drain has ended.
        var ringsLoop = false
    }

    let rules: LaneRules
    /// Calls that may run at once; between 1 and what the owner likes.
    var lanesMax: Int
    /// Nothing new is begun while the group pauses.
    var isPaused = false
    /// Nothing new is begun from then on: the loop has not turned since, and may find that the group has gone on
    /// without this member.
    var beginsUntil: Duration?
    var runningCount = 0
    var counts = ConsumerCounts()
    var partitions: [TopicPartition: PartitionWork] = [:]
    var slots: [Lane?] = []
    var freeSlots: [Int] = []
    /// Lanes whose records have come to their next stage: they come before all others, also while the group pauses.
    var following = Fifo<Ready>()
    var ready = Fifo<Ready>()
    var timers = TimerHeap()
    /// Calls that went on after their partition was taken away, by key.
    var orphans: [TopicPartition: [KeyBytes: Int]] = [:]
    /// What waits or is being done in all partitions: records and their bytes.
    var records = 0
    var bytes = 0
    var parkedCount = 0
    var serials = 0
    var stamps = 0
    var workerCount = 0
    /// When a running call may first have passed its deadline; `nil` while none can.
    var nextOverdue: Duration?
    /// When the loop looks again by itself; what is due before that must ring it.
    var awakeAt = Duration.zero
    var epochs = 0
    /// What is worth a notice and belongs to no report; the loop takes them.
    var notices: [ConsumerNotice] = []
    var random: any RandomNumberGenerator & Sendable

    init(_ rules: LaneRules, random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        self.rules = rules
        self.random = random
        lanesMax = rules.lanesMax
    }
}

extension LanesStateMachine {
    /// A partition is this member's from now on.
    mutating func begin(_ start: PartitionStart) {
        precondition(partitions[start.partition] == nil, "A partition is assigned once.")
        epochs += 1
        partitions[start.partition] = PartitionWork(
            start,
            epoch: epochs,
            dedupeWindow: rules.dedupeWindow,
            lateKeysMax: rules.lateKeysMax
        )
        parkedCount += start.parked.count
    }

    /// How many records may be read of a partition now.
    mutating func room(in partition: TopicPartition) -> Int {
        guard let work = partitions[partition], !work.isDraining else { return 0 }
        let share = max(1, rules.recordsMax / max(1, partitions.count))
        let meanBytes = max(256, records == 0 ? 0 : bytes / records)
        let room = min(
            share - work.records,
            rules.aheadMax - work.tracker.count,
            // A partition's share of the bytes, but never so little that it would stand still.
            max(work.records == 0 ? 1 : 0, (rules.bytesMax / max(1, partitions.count) - work.bytes) / meanBytes)
        )
        work.wantsRoom = room <= 0
        return max(0, room)
    }

    /// Takes records of a partition, in the topic's order.
    mutating func add(_ added: [Record], of partition: TopicPartition, at now: Moment) {
        add(ReadRecord.all(added), of: partition, at: now)
    }

    /// The same for a caller who reads them before it takes a lock.
    mutating func add(_ added: [ReadRecord], of partition: TopicPartition, at now: Moment) {
        guard var work = partitions[partition], !work.isDraining else { return }
        for read in added {
            let offset = read.record.offset ?? 0
            if offset < work.readTo { work = restart(work, at: offset) }
            work.readTo = offset + 1
            add(read, work, now)
        }
    }

    /// Offsets have gone back: the partition was cut, or its topic made again, and what comes now is new under old
    /// numbers. What is running ends without effect; parked keys stay so, whatever their offsets were.
    private mutating func restart(_ work: PartitionWork, at offset: Int64) -> PartitionWork {
        notices.append(.beyondEnd(work.id, committed: work.tracker.next, end: offset))
        var parked = work.parked
        for key in parked.keys { parked[key]?.offset = 0 }
        _ = end([work.id])
        begin(PartitionStart(work.id, committed: offset, readFrom: offset, parked: parked))
        guard let restarted = partitions[work.id] else { preconditionFailure("The partition has just begun.") }
        return restarted
    }

    private mutating func add(_ read: ReadRecord, _ work: PartitionWork, _ now: Moment) {
        let facts = read.facts
        let offset = read.record.offset ?? 0
        guard offset >= work.begin else { return remember(read, work) }
        let ticket = work.tracker.add(offset, timestamp: read.record.timestampMilliseconds)
        if work.doneAhead.contains(offset) {
            remember(read, work)
            counts.handledBefore += 1
            work.tracker.complete(ticket)
            return
        }
        if let mark = facts.mark, mark.group != rules.group {
            counts.forOthers += 1
            work.tracker.complete(ticket)
            return
        }
        if passesOver(facts) {
            counts.skippedReplays += 1
            work.tracker.complete(ticket)
            return
        }
        if facts.mark == nil, let id = facts.uniqueID, !work.dedupe.insert(id) {
            counts.duplicates += 1
            work.tracker.complete(ticket)
            return
        }
        enqueue(QueuedRecord(read, ticket: ticket, releaseAt: now.steady + rules.reorderWindow), work, now)
    }

    /// A redriven record is the group's own, whoever sent it before.
    private func passesOver(_ facts: RecordFacts) -> Bool {
        rules.skipsReplays && facts.replayID != nil && facts.mark == nil
    }

    private mutating func enqueue(_ queued: QueuedRecord, _ work: PartitionWork, _ now: Moment) {
        let key = work.laneKey(of: queued.read)
        let lane = work.lanes[key] ?? makeLane(key, work)
        work.records += 1
        records += 1
        work.bytes += queued.bytes
        bytes += queued.bytes
        lane.queue.append(queued)
        if lane.current == nil, lane.state == .waiting { schedule(lane, at: now.steady) }
    }

    /// What was handled before still tells duplicates and late events apart.
    private func remember(_ read: ReadRecord, _ work: PartitionWork) {
        guard !passesOver(read.facts) else { return }
        if let id = read.facts.uniqueID { _ = work.dedupe.insert(id) }
        guard let key = read.facts.key, let time = read.facts.occurredAt else { return }
        // What has followed a parked key was not handed out.
        if let parked = work.parked[key], !isLet(read.record, read.facts, through: parked) { return }
        _ = work.newest.observe(key, time)
    }

    private mutating func makeLane(_ key: KeyBytes, _ work: PartitionWork) -> Lane {
        let index = freeSlots.popLast() ?? slots.count
        let lane = Lane(index: index, key: key, partition: work, isReordering: rules.isReordering)
        if index == slots.count { slots.append(lane) } else { slots[index] = lane }
        work.lanes[key] = lane
        // An earlier call for this key may still run, from before the partition went and came back.
        lane.state = orphans[work.id]?[key] == nil ? .waiting : .blocked
        return lane
    }
}
