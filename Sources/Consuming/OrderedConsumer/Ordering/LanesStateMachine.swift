import Kafka

/// Which record is handled when: one call at a time for each key, in the topic's order, through retries, dead letters,
/// rebalances and redrives, while other keys go on. ``take(for:at:)`` returns work until ``callsMax`` calls run; each
/// is reported with ``settle(_:_:at:)``, which returns the worker's next work.
struct LanesStateMachine: ~Copyable {
    private let rules: KeyedConsumerSettings
    private var random: any RandomNumberGenerator & Sendable
    var callsMax: Int
    var isPaused = false
    /// No new call begins from then on: this member may have lost its partitions since the loop's last turn.
    var beginsUntil: Duration?
    /// When the loop wakes by itself; what is due earlier must ring it.
    var awakeAt = Duration.zero
    private(set) var partitions: AssignedPartitions
    private var schedule: LaneSchedule
    private var breaker: BreakerStateMachine
    private(set) var counts = ConsumerCounts()
    private var runningCount = 0
    private var records = 0
    private var bytes = 0
    private(set) var parkedCount = 0
    private var workerCount = 0
    private var notices: [ConsumerNotice] = []

    init(
        _ rules: KeyedConsumerSettings,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.rules = rules
        self.random = random
        partitions = AssignedPartitions(rules)
        callsMax = max(1, rules.lanesMax)
        schedule = LaneSchedule(deadline: rules.handlerDeadline)
        breaker = BreakerStateMachine(keysMax: rules.holdAfter, pauseMax: rules.probePauseMax)
    }

    var laneCount: Int { schedule.count }

    var orphans: [TopicPartition: [KeyBytes: Int]] { schedule.orphans }

    var nextDue: Duration? { schedule.nextDue }

    mutating func takeNotices() -> [ConsumerNotice] {
        defer { notices.removeAll() }
        return notices
    }

    func figures(at now: Moment) -> ConsumerFigures {
        ConsumerFigures(
            counts: breaker.counted(in: counts, at: now.steady),
            partitions: partitions.figures,
            running: runningCount,
            lanesMax: callsMax,
            waiting: records,
            waitingBytes: bytes,
            isPaused: isPaused,
            hold: breaker.trouble.map { Hold($0, waiting: records) }
        )
    }

    // Reading.

    /// `partition` is of the topic or of the group's redrive topic, like that of ``add(_:of:at:)``.
    mutating func room(in partition: TopicPartition) -> Int {
        guard let (work, source) = partitions.find(partition) else { return 0 }
        return work.room(
            of: source,
            recordsMax: recordsShare,
            bytesMax: rules.bytesMax / max(1, partitions.count),
            meanBytes: max(256, records == 0 ? 0 : bytes / records)
        )
    }

    private var recordsShare: Int { max(1, rules.recordsMax / max(1, partitions.count)) }

    /// `read` is parsed before the caller takes the lock.
    mutating func add(_ added: [ReadRecord], of partition: TopicPartition, at now: Moment) {
        guard case (var work, let source)? = partitions.find(partition), !work.isDraining else { return }
        for read in added {
            if read.offset < work.readTo(source) {
                restart(work, source, at: read.offset, now)
                work = partitions.find(partition)?.0 ?? work
            }
            guard let ticket = work.admit(read, from: source, &counts) else { continue }
            enqueue(QueuedRecord(read, ticket: ticket, releaseAt: now.steady + rules.reorderWindow), work, now)
        }
    }

    /// Offsets have gone back: the topic was truncated or created again, and what comes now is new under old offsets.
    /// Running calls end without effect; parked keys stay parked, whatever their offsets were.
    private mutating func restart(_ work: PartitionWork, _ source: PartitionWork.Source, at next: Int64, _ now: Moment)
    {
        let partition = source == .topic ? work.id : work.redrives ?? work.id
        notices.append(.beyondEnd(partition, committed: work.readTo(source), end: next))
        guard source == .topic else { return work.restartRedrives(at: next) }
        var parked = work.parked
        for key in parked.keys { parked[key]?.offset = 0 }
        let (unfinished, waiting) = end(work)
        counts.abandoned += unfinished
        let restarted = begin(PartitionStart(work.id, committed: next, readFrom: next, parked: parked))
        restarted.takeRedrives(of: work)
        for queued in waiting where queued.ticket.source == .redrives { enqueue(queued, restarted, now) }
    }

    private mutating func enqueue(_ queued: QueuedRecord, _ work: PartitionWork, _ now: Moment) {
        let key = work.laneKey(of: queued.read)
        let lane = work.lanes[key] ?? schedule.makeLane(key, work, isReordering: rules.isReordering)
        work.hold(queued)
        records += 1
        bytes += queued.bytes
        lane.queue.append(queued)
        if lane.batch == nil, lane.state == .waiting { schedule.schedule(lane, at: now.steady) }
    }

    private mutating func forget(_ queued: QueuedRecord, _ work: PartitionWork) {
        work.forget(queued)
        records -= 1
        bytes -= queued.bytes
    }

    // Calls.

    mutating func newWorker() -> Int {
        workerCount += 1
        return workerCount
    }

    mutating func wake(at now: Moment) { schedule.wake(at: now.steady) }

    /// The next work of a worker, unless as many calls run as may. Each must be settled.
    mutating func take(for worker: Int, at now: Moment) -> LaneWork? {
        let mayBegin = !isPaused && beginsUntil.map { $0 > now.steady } ?? true && breaker.mayBegin(at: now.steady)
        while runningCount < callsMax, let lane = schedule.next(mayBegin: mayBegin) {
            if lane.batch == nil, !load(lane, at: now) {
                schedule.schedule(lane, at: now.steady)
                continue
            }
            guard let step = step(of: lane, at: now) else { continue }
            runningCount += 1
            schedule.start(lane, worker, at: now.steady)
            if case .handle = step { breaker.begin(lane.serial) }
            return LaneWork(worker: worker, lane: lane.index, serial: lane.serial, step: step)
        }
        return nil
    }

    /// Gives a lane its next records. False when none may go yet.
    private mutating func load(_ lane: Lane, at now: Moment) -> Bool {
        guard let first = nextUnhandled(of: lane, at: now) else { return lane.batch != nil }
        var batch = LaneBatch(first)
        let parked = lane.partition.parked[lane.key]
        if let parked, !parked.mayHandle(first.read) {
            batch.stage = .giveUp(.parked, "follows the dead letter of offset \(parked.offset)")
        } else if rules.isCoalescing, parked == nil {
            while batch.records.count < rules.coalescedMax, let more = nextUnhandled(of: lane, at: now) {
                batch.records.append(more)
            }
        }
        if case .handle = batch.stage {
            for queued in batch.records { batch.isLate = lane.partition.observe(queued, lane.key) }
            if batch.isLate { counts.late += 1 }
        }
        lane.batch = batch
        return true
    }

    /// The lane's next record, past redriven ones that were handled by now. Nil if there is none, or if such a one was
    /// the last of its run, which the lane's batch is to write down then.
    private mutating func nextUnhandled(of lane: Lane, at now: Moment) -> QueuedRecord? {
        while let next = lane.queue.take(at: now.steady) {
            guard lane.partition.wasRedriven(next, lane.key) else { return next }
            counts.handledBefore += 1
            let batch = LaneBatch(next)
            if let entry = lane.partition.parked[lane.key].flatMap({ batch.entry(afterRedriveOf: $0) }) {
                lane.batch = batch
                lane.batch?.stage = .write(entry)
                return nil
            }
            lane.partition.complete(next.ticket)
            forget(next, lane.partition)
        }
        return nil
    }

    private mutating func step(of lane: Lane, at now: Moment) -> LaneWork.Step? {
        guard let batch = lane.batch else { return nil }
        switch batch.stage {
        case .handle: return .handle(ConsumedRecord(batch))
        case .write(let entry): return .write(entry)
        case .giveUp(let reason, let message): return giveUp(lane, batch, reason, message, at: now)
        }
    }

    private mutating func giveUp(
        _ lane: Lane,
        _ batch: LaneBatch,
        _ reason: DeadLetterReason,
        _ message: String,
        at now: Moment
    ) -> LaneWork.Step? {
        let known = lane.partition.parked[lane.key]
        let isNew = known == nil && rules.afterDeadLetter == .park && batch.newest.record.key != nil
        guard !isNew || mayPark(lane) else {
            counts.refusedParkings += 1
            notices.append(.parkedKeysFull(lane.place.partition, offset: lane.place.offset))
            // While its partition drains, this is left to the next member too.
            if lane.partition.isDraining {
                drop(lane)
            } else {
                schedule.resume(lane, at: now.steady + rules.retry.delayMax)
            }
            return nil
        }
        let letters = batch.letters(group: rules.topics.group, reason, message, at: now)
        let parking = known ?? (isNew ? batch.newParking(of: lane, reason, at: now) : nil)
        lane.batch?.letters = letters
        lane.batch?.parking = parking.map { batch.extending($0, behind: lane.queue) }
        return .giveUp(Array(zip(batch.records.map(\.record), letters)), parking: lane.batch?.parking, isNew: isNew)
    }

    private func mayPark(_ lane: Lane) -> Bool {
        if parkedCount + schedule.count <= rules.parkedKeysMax { return true }
        let parking = schedule.lanes.count { other in
            other !== lane && other.isParkingAnew && partitions[other.partition.id] === other.partition
        }
        return parkedCount + parking < rules.parkedKeysMax
    }

    private mutating func drop(_ lane: Lane) {
        for queued in lane.batch?.records ?? [] { forget(queued, lane.partition) }
        lane.batch = nil
        schedule.remove(lane)
    }

    /// The workers whose calls have passed the handler's deadline; each is returned once, and ends with its call.
    mutating func overdue(at now: Moment) -> (workers: [Int], notices: [ConsumerNotice]) {
        let overdue = schedule.takeOverdue(at: now.steady)
        counts.overdue += overdue.count
        return (overdue.map(\.worker), overdue.map(\.overdueNotice))
    }

    // Reports.

    mutating func settle(_ work: LaneWork, _ result: LaneWork.Result, at now: Moment) -> Settlement {
        runningCount -= 1
        var settlement = Settlement(moment: now)
        guard let lane = schedule[work.lane], lane.serial == work.serial, lane.state == .running else {
            preconditionFailure("Work is settled once.")
        }
        let mayGoOn = !lane.isCancelling
        lane.isProbe = breaker.end(work.serial)
        if lane.partition.hasEnded {
            schedule.endOrphan(lane, partitions[lane.partition.id], at: now.steady)
        } else {
            conclude(lane, result, &settlement)
            if lane.partition.isDraining { settlement.ringsLoop = true }
        }
        if mayGoOn { settlement.next = take(for: work.worker, at: now) } else { settlement.ringsLoop = true }
        if let due = nextDue, due < awakeAt { settlement.ringsLoop = true }
        return settlement
    }

    private mutating func conclude(_ lane: Lane, _ result: LaneWork.Result, _ settlement: inout Settlement) {
        guard var batch = lane.batch else { return }
        switch (batch.stage, result) {
        case (.handle, .handled(let verdict)): judge(lane, &batch, verdict, &settlement)
        case (.giveUp, .gaveUp(let given)):
            note(batch, given, lane, &settlement)
            finish(lane, batch, &settlement)
        case (.write(let entry), .written):
            apply(entry, to: lane, &settlement)
            finish(lane, batch, &settlement)
        case (_, .failed(let message)):
            batch.storeFailures += 1
            counts.storeFailures += 1
            settlement.notices.append(.storeFailed(lane.place.partition, offset: lane.place.offset, message))
            retry(lane, batch, afterAttempt: batch.storeFailures, at: settlement.moment)
        default: preconditionFailure("A result belongs to its step.")
        }
    }

    private mutating func judge(
        _ lane: Lane,
        _ batch: inout LaneBatch,
        _ verdict: Verdict,
        _ settlement: inout Settlement
    ) {
        switch lane.isCancelling ? verdict.ofCancelledCall : verdict {
        case .done:
            succeed(lane, &settlement)
            counts.handled += batch.records.count
            complete(lane, &batch, &settlement)
        case .skip:
            counts.skipped += batch.records.count
            complete(lane, &batch, &settlement)
        case .deadLetter(let reason, let message):
            // Whoever refuses one record by name is there for the others.
            if lane.isProbe { succeed(lane, &settlement) }
            batch.fail(at: settlement.moment, successes: breaker.successes)
            goOn(lane, &batch, .giveUp(reason, message))
        case .retry(let message, let after): fail(lane, &batch, message, after, holds: false, &settlement)
        case .hold(let message, let after): fail(lane, &batch, message, after, holds: true, &settlement)
        }
    }

    private mutating func complete(_ lane: Lane, _ batch: inout LaneBatch, _ settlement: inout Settlement) {
        counts.superseded += batch.records.count - 1
        for queued in batch.records { lane.partition.noteRedriven(queued) }
        if let entry = lane.partition.parked[lane.key].flatMap({ batch.entry(afterRedriveOf: $0) }) {
            goOn(lane, &batch, .write(entry))
        } else {
            finish(lane, batch, &settlement)
        }
    }

    private mutating func fail(
        _ lane: Lane,
        _ batch: inout LaneBatch,
        _ message: String,
        _ after: Duration?,
        holds: Bool,
        _ settlement: inout Settlement
    ) {
        counts.retries += 1
        // A call that was cancelled because its partition goes elsewhere has not failed.
        if !lane.isCancelling || lane.isOverdue {
            let message = lane.isOverdue ? "the handler's deadline passed" : message
            let failure = BreakerStateMachine.Failure(lane, message, holds: holds, after: after)
            if breaker.fail(failure, at: settlement.moment) { forgive() }
            guard breaker.trouble == nil else { return hold(lane, &batch, &settlement) }
            batch.fail(at: settlement.moment, successes: breaker.successes)
            if rules.retry.isExhausted(batch.failures, since: batch.firstFailure, at: settlement.moment.wall) {
                counts.retries -= 1
                return goOn(lane, &batch, .giveUp(.attempts, message))
            }
        }
        retry(lane, batch, afterAttempt: batch.failures, atLeast: after, at: settlement.moment)
    }

    // The breaker.

    private mutating func forgive() { for lane in schedule.lanes { lane.batch?.forgive(successes: breaker.successes) } }

    private mutating func hold(_ lane: Lane, _ batch: inout LaneBatch, _ settlement: inout Settlement) {
        guard let trouble = breaker.trouble else { return }
        batch.forgive(successes: breaker.successes)
        batch.hold(at: settlement.moment, successes: breaker.successes)
        if breaker.mayTell(at: settlement.moment.steady) {
            settlement.notices.append(.held(Hold(trouble, waiting: records)))
        }
        if lane.partition.isDraining { return drop(lane) }
        lane.batch = batch
        schedule.resume(lane, at: max(trouble.probeAt, settlement.moment.steady))
    }

    private mutating func succeed(_ lane: Lane, _ settlement: inout Settlement) {
        guard let closed = breaker.succeed(isProbe: lane.isProbe, at: settlement.moment.steady) else { return }
        if closed.isTold { settlement.notices.append(.released(Hold(closed, waiting: records))) }
        for lane in schedule.lanes where lane.state == .waiting && lane.batch?.isHeld == true {
            schedule.resume(lane, at: settlement.moment.steady)
        }
        settlement.ringsLoop = true
    }

    /// The next stage of the same records comes before any other lane.
    private mutating func goOn(_ lane: Lane, _ batch: inout LaneBatch, _ stage: LaneBatch.Stage) {
        batch.stage = stage
        batch.storeFailures = 0
        lane.batch = batch
        schedule.follow(lane)
    }

    /// While its partition drains, a record that failed is left to the next member.
    private mutating func retry(
        _ lane: Lane,
        _ batch: LaneBatch,
        afterAttempt attempt: Int,
        atLeast: Duration? = nil,
        at now: Moment
    ) {
        if lane.partition.isDraining { return drop(lane) }
        lane.batch = batch
        let pause = rules.retry.delay(afterAttempt: attempt, atLeast: atLeast, &random)
        schedule.resume(lane, at: now.steady + pause)
    }

    private mutating func finish(_ lane: Lane, _ batch: LaneBatch, _ settlement: inout Settlement) {
        let work = lane.partition
        for queued in batch.records {
            work.complete(queued.ticket)
            forget(queued, work)
        }
        if work.hasRoomAgain(recordsMax: recordsShare) { settlement.ringsLoop = true }
        lane.batch = nil
        schedule.schedule(lane, at: settlement.moment.steady)
    }

    private mutating func note(
        _ batch: LaneBatch,
        _ given: LaneWork.GivenUp,
        _ lane: Lane,
        _ settlement: inout Settlement
    ) {
        for (index, (letter, place)) in zip(batch.letters, given.places).enumerated() {
            counts.deadLetters[letter.reason.word, default: 0] += 1
            var written = letter
            written.omittedValueBytes = given.omitted[index]
            settlement.notices.append(.deadLettered(written, place))
        }
        guard let parking = batch.parking else { return }
        if let why = given.refusedParking { return settlement.notices.append(.notParked(parking, why)) }
        var noted = parking
        if let letter = batch.letters.last, let last = given.places.last { noted = parking.noting(letter, at: last) }
        if lane.partition.parked.updateValue(noted, forKey: lane.key) == nil {
            parkedCount += 1
            settlement.notices.append(.parked(noted))
        }
    }

    private mutating func apply(_ entry: StateEntry, to lane: Lane, _ settlement: inout Settlement) {
        switch entry {
        case .parked(let parked): lane.partition.parked[lane.key] = parked
        case .gone:
            guard let parked = lane.partition.parked.removeValue(forKey: lane.key) else { return }
            parkedCount -= 1
            settlement.notices.append(.unparked(parked))
        default: break
        }
    }

    // Rebalancing.

    mutating func begin(_ starts: [PartitionStart]) {
        for start in starts { begin(start) }
        counts.rebalances += 1
    }

    @discardableResult
    mutating func begin(_ start: PartitionStart) -> PartitionWork {
        parkedCount += start.parked.count
        return partitions.begin(start)
    }

    /// Begins no new calls in partitions that leave. Running calls go on; waiting records are left to the next member.
    mutating func drain(_ leaving: [TopicPartition]) {
        for partition in leaving {
            guard let work = partitions[partition] else { continue }
            work.isDraining = true
            for lane in Array(work.lanes.values) {
                for queued in lane.queue.removeAll() { forget(queued, work) }
                if lane.state != .running { drop(lane) }
            }
        }
    }

    func busyCount(in leaving: [TopicPartition]) -> Int { partitions.busyCount(in: leaving) }

    /// The workers to cancel because their partition leaves; each ends with its call.
    mutating func cancel(in leaving: [TopicPartition]) -> [Int] { partitions.cancel(in: leaving) }

    /// Calls that still run end without effect, and hold back their keys until then. Returns how many these are.
    mutating func end(_ leaving: [TopicPartition]) -> Int {
        var unfinished = 0
        for partition in leaving { unfinished += partitions[partition].map { end($0).unfinished } ?? 0 }
        counts.abandoned += unfinished
        return unfinished
    }

    /// And what no call ran for.
    private mutating func end(_ work: PartitionWork) -> (unfinished: Int, waiting: [QueuedRecord]) {
        var (unfinished, waiting) = (0, [QueuedRecord]())
        partitions.end(work)
        parkedCount -= work.parked.count
        for lane in Array(work.lanes.values) {
            let isRunning = lane.state == .running
            if !isRunning { waiting += lane.batch?.records ?? [] }
            let queued = lane.queue.removeAll()
            waiting += queued
            for queued in (isRunning ? lane.batch?.records ?? [] : []) + queued { forget(queued, work) }
            guard isRunning else {
                drop(lane)
                continue
            }
            unfinished += 1
            schedule.orphan(lane)
        }
        return (unfinished, waiting)
    }

    /// What can be committed and is not yet. `metadataBytesMax` is for what is done beyond the first unfinished record.
    func commits(_ wanted: [TopicPartition]? = nil, metadataBytesMax: Int) -> [TopicPartition: CommittedOffset] {
        partitions.commits(wanted, metadataBytesMax: metadataBytesMax)
    }

    mutating func note(committed: [TopicPartition: CommittedOffset]) { partitions.note(committed: committed) }

    mutating func noteFailedCommit() { counts.commitFailures += 1 }
}
