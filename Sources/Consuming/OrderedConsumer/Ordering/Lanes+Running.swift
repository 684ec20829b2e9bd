import Kafka

extension LanesStateMachine {
    /// Puts a lane that is not running where it belongs: among those that may run, behind a timer, or away.
    mutating func schedule(_ lane: Lane, at now: Duration) {
        guard lane.state != .blocked else { return }
        restamp(lane)
        guard let due = lane.queue.dueAt else { return remove(lane) }
        if due <= now {
            lane.state = .ready
            ready.append(Ready(lane: lane.index, stamp: lane.stamp))
        } else {
            lane.state = .waiting
            timers.insert(TimerHeap.Entry(due: due, lane: lane.index, stamp: lane.stamp))
        }
    }

    mutating func restamp(_ lane: Lane) {
        stamps += 1
        lane.stamp = stamps
    }

    /// What a lane is busy with goes on after a pause.
    mutating func resume(_ lane: Lane, after pause: Duration, at now: Duration) {
        restamp(lane)
        lane.state = .waiting
        timers.insert(TimerHeap.Entry(due: now + pause, lane: lane.index, stamp: lane.stamp))
    }

    mutating func remove(_ lane: Lane) {
        lane.partition.lanes[lane.key] = nil
        release(lane.index)
    }

    mutating func release(_ index: Int) {
        slots[index] = nil
        freeSlots.append(index)
    }

    /// When ``wake(at:)`` or ``overdue(at:)`` has something to do next.
    var nextDue: Duration? {
        guard let timer = timers.first?.due else { return nextOverdue }
        return min(timer, nextOverdue ?? timer)
    }

    /// A number for a worker that is about to begin.
    mutating func newWorker() -> Int {
        workerCount += 1
        return workerCount
    }

    /// Lets lanes run whose time has come.
    mutating func wake(at now: Moment) {
        while let first = timers.first, first.due <= now.steady {
            _ = timers.removeFirst()
            guard let lane = slots[first.lane], lane.stamp == first.stamp, lane.state == .waiting else { continue }
            restamp(lane)
            lane.state = .ready
            ready.append(Ready(lane: lane.index, stamp: lane.stamp))
        }
    }

    /// The next work of a worker, unless as many calls run as may. Each that is given out must be settled.
    mutating func take(for worker: Int, at now: Moment) -> LaneWork? {
        while runningCount < lanesMax, let next = nextReady(at: now.steady) {
            guard let lane = slots[next.lane], lane.stamp == next.stamp, lane.state == .ready else { continue }
            if lane.current == nil, !load(lane, at: now) {
                schedule(lane, at: now.steady)
                continue
            }
            guard let step = step(of: lane, at: now) else { continue }
            runningCount += 1
            return start(lane, step, worker, at: now)
        }
        return nil
    }

    private mutating func nextReady(at now: Duration) -> Ready? {
        if let next = following.removeFirst() { return next }
        if let beginsUntil, beginsUntil <= now { return nil }
        return isPaused ? nil : ready.removeFirst()
    }

    private mutating func start(_ lane: Lane, _ step: LaneWork.Step, _ worker: Int, at now: Moment) -> LaneWork {
        serials += 1
        restamp(lane)
        lane.state = .running
        lane.serial = serials
        lane.worker = worker
        lane.startedAt = now.steady
        lane.isCancelling = false
        lane.isOverdue = false
        if let deadline = rules.handlerDeadline { nextOverdue = nextOverdue ?? now.steady + deadline }
        return LaneWork(worker: worker, lane: lane.index, serial: lane.serial, step: step)
    }

    /// Gives a lane its next records to be busy with. False when none may go yet.
    private mutating func load(_ lane: Lane, at now: Moment) -> Bool {
        guard let first = lane.queue.take(at: now.steady) else { return false }
        var current = Lane.Current(records: [first])
        if let parked = lane.partition.parked[lane.key], !isLet(first.record, first.facts, through: parked) {
            current.stage = .giveUp(.parked, "follows the dead letter of offset \(parked.offset)")
        } else if rules.isCoalescing, lane.partition.parked[lane.key] == nil {
            while current.records.count < rules.coalescedMax, let more = lane.queue.take(at: now.steady) {
                current.records.append(more)
            }
        }
        if case .handle = current.stage {
            for queued in current.records {
                let time = queued.record.key == nil ? nil : queued.facts.occurredAt
                current.isLate = time.map { lane.partition.newest.observe(lane.key, $0) } ?? false
            }
            if current.isLate { counts.late += 1 }
        }
        lane.current = current
        return true
    }

    /// A parked key's records are given up as well, unless they were redriven, by a run of which none failed again.
    /// What stood before the first dead letter is not parked: it is read again after a crash.
    func isLet(_ record: Record, _ facts: RecordFacts, through parked: ParkedKey) -> Bool {
        if let mark = facts.mark { return mark.run != parked.blockedRun }
        return (record.offset ?? 0) < parked.offset
    }

    /// What is to be done with what the lane is busy with; `nil` if that has to wait.
    private mutating func step(of lane: Lane, at now: Moment) -> LaneWork.Step? {
        guard let current = lane.current else { return nil }
        switch current.stage {
        case .handle: return .handle(ConsumedRecord(current))
        case .write(let entry): return .write(entry)
        case .giveUp(let reason, let message): return giveUp(lane, current, reason, message, at: now)
        }
    }

    private mutating func giveUp(
        _ lane: Lane,
        _ current: Lane.Current,
        _ reason: DeadLetterReason,
        _ message: String,
        at now: Moment
    ) -> LaneWork.Step? {
        let known = lane.partition.parked[lane.key]
        let isNew = known == nil && rules.afterDeadLetter == .park && current.newest.record.key != nil
        guard !isNew || mayPark(lane) else {
            counts.refusedParkings += 1
            notices.append(.parkedKeysFull(lane.place.partition, offset: lane.place.offset))
            // While its partition drains, this is left to the next member too.
            if lane.partition.isDraining {
                drop(lane)
            } else {
                resume(lane, after: rules.retry.delayMax, at: now.steady)
            }
            return nil
        }
        let letters = current.records.map { letter(for: $0, current, reason, message, now) }
        let parking = known ?? (isNew ? newParking(lane, current, reason, now) : nil)
        lane.current?.letters = letters
        lane.current?.parking = parking.map { blocked($0, by: current, in: lane) }
        return .giveUp(
            Array(zip(current.records.map(\.record), letters)),
            parking: lane.current?.parking,
            isNew: isNew
        )
    }

    /// Whether one more key may be parked: those count whose entries are being written.
    private func mayPark(_ lane: Lane) -> Bool {
        if parkedCount + slots.count - freeSlots.count <= rules.parkedKeysMax { return true }
        let parking = slots.count { other in
            guard let other, other !== lane, other.current?.parking != nil else { return false }
            return other.partition.parked[other.key] == nil && partitions[other.partition.id] === other.partition
        }
        return parkedCount + parking < rules.parkedKeysMax
    }

    private func letter(
        for queued: QueuedRecord,
        _ current: Lane.Current,
        _ reason: DeadLetterReason,
        _ message: String,
        _ now: Moment
    ) -> DeadLetter {
        DeadLetter(
            of: queued.record,
            group: rules.group,
            reason: reason,
            message: message,
            attempts: current.failures,
            firstFailureMilliseconds: current.firstFailure ?? now.wall,
            lastFailureMilliseconds: now.wall
        )
    }

    private func newParking(
        _ lane: Lane,
        _ current: Lane.Current,
        _ reason: DeadLetterReason,
        _ now: Moment
    ) -> ParkedKey {
        let first = current.records[0]
        return ParkedKey(
            topic: lane.partition.id.topic,
            key: lane.key.bytes,
            partition: lane.partition.id.partition,
            offset: origin(of: first),
            id: first.facts.idText,
            reason: reason,
            parkedAtMilliseconds: now.wall
        )
    }

    private func origin(of queued: QueuedRecord) -> Int64 {
        queued.facts.mark?.origin.offset ?? queued.record.offset ?? 0
    }

    /// A redriven record that fails holds the rest of its run back, and any record all that waits behind it, also what
    /// stood before it or before the first dead letter.
    private func blocked(_ parked: ParkedKey, by current: Lane.Current, in lane: Lane) -> ParkedKey {
        var parked = parked
        parked.offset = min(parked.offset, origin(of: current.records[0]), lane.queue.leastOffset ?? .max)
        if let run = current.newest.facts.mark?.run { parked.blockedRun = run }
        return parked
    }
}
