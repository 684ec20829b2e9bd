import Dispatch
import Kafka
import Synchronization

/// It alone uses the group's member, and never waits for a handler.
final class GroupLoop {
    /// Limit: records taken from a partition at once, so that the first of them are handled while others are read.
    private static let batchMax = 500
    /// Limit: brokers take 4,096 bytes beside an offset unless told otherwise; one that refuses them gets half as much.
    private var metadataBytesMax = 4000
    /// Limit: however quiet it is, the member must poll to stay in the group.
    private static let sleepMax = Duration.seconds(1)
    /// Limit: what librdkafka needs to begin to join, many times over.
    private static let joinPause = Duration.milliseconds(100)
    private static let preparePause = Duration.milliseconds(500)

    private let settings: KeyedConsumerSettings
    private let member: GroupConsumer
    private let workers: WorkerPool
    private let starts: PartitionStarts
    private let bell: Bell
    private let clocks: Clocks
    private let notify: @Sendable (ConsumerNotice) -> Void
    private let isStopping: @Sendable () -> Bool
    private let redrivesTopic: String
    private var rebalance: RebalanceStateMachine
    private var standstill: StandstillStateMachine
    private var assigned: Set<TopicPartition> = []
    private var nextCommit = Duration.zero
    /// Commits without a result yet, by their opaque number.
    private var commits: [UInt: [TopicPartition: CommittedOffset]] = [:]
    private var commitCount: UInt = 0
    private var lastCommit: UInt?
    private var preparing: [TopicPartition] = []
    private var prepareAt: Duration?
    private var isLeaving = false

    init(
        _ settings: KeyedConsumerSettings,
        _ member: GroupConsumer,
        _ workers: WorkerPool,
        _ starts: PartitionStarts,
        _ bell: Bell,
        notify: @escaping @Sendable (ConsumerNotice) -> Void,
        isStopping: @escaping @Sendable () -> Bool
    ) {
        self.settings = settings
        self.member = member
        self.workers = workers
        self.starts = starts
        self.bell = bell
        self.notify = notify
        self.isStopping = isStopping
        redrivesTopic = settings.topics.redrives
        clocks = workers.clocks
        rebalance = RebalanceStateMachine(settings.rebalanceDeadlines)
        standstill = StandstillStateMachine(session: .milliseconds(settings.group.sessionTimeoutMilliseconds))
    }

    func run() async throws {
        try member.subscribe(to: [settings.topics.topic])
        for await _ in bell.rings {
            try turn()
            if isLeaving, member.isClosed { return }
        }
    }

    private func turn() throws {
        if let gap = standstill.turn(at: clocks.now.steady) { notify(.stoodStill(gap)) }
        try takeEvents()
        try takePrepared()
        let now = clocks.now
        let beginsUntil = standstill.beginsUntil ?? .zero
        let (overdue, notices) = workers.lanes.withLock { lanes in
            lanes.beginsUntil = beginsUntil
            lanes.wake(at: now)
            let (workers, notices) = lanes.overdue(at: now)
            return (workers, notices + lanes.takeNotices())
        }
        for notice in notices { notify(notice) }
        workers.cancel(overdue)
        let busy = workers.lanes.withLock { $0.busyCount(in: rebalance.leaving) }
        try perform(rebalance.advance(at: now.steady, busy: busy))
        workers.spawn()
        readRecords()
        commitIfDue(at: clocks.now.steady)
        if isStopping(), !isLeaving {
            isLeaving = true
            try member.beginClose()
            bell.ring()
        }
        sleep()
    }

    private func takeEvents() throws {
        while let event = member.nextEvent() {
            let now = clocks.now.steady
            switch event {
            case .assigned(let partitions):
                standstill.heard()
                try perform(rebalance.take(.assigned(partitions), at: now))
            case .revoked(let partitions, let isLost):
                standstill.heard()
                try perform(rebalance.take(.revoked(partitions, isLost: isLost), at: now))
            case .committed(let report): try take(report)
            case .error(let error): notify(.kafka(error))
            case .fatal(let error): throw error
            case .log(let line): notify(.log(line))
            }
        }
    }

    private func perform(_ actions: [RebalanceStateMachine.Action]) throws {
        for action in actions {
            switch action {
            case .prepare(let partitions): prepare(partitions)
            case .drain(let partitions): workers.lanes.withLock { $0.drain(partitions) }
            case .cancel(let partitions): workers.cancel(workers.lanes.withLock { $0.cancel(in: partitions) })
            case .commit(let partitions):
                lastCommit = commit(partitions)
                if lastCommit == nil { try perform(rebalance.committed(at: clocks.now.steady)) }
            case .release(let partitions, let isLost): try release(partitions, isLost: isLost)
            }
            // A drain may have ended before it began.
            bell.ring()
        }
    }

    private func release(_ partitions: [TopicPartition], isLost: Bool) throws {
        let unfinished = workers.lanes.withLock { $0.end(partitions) }
        let redrives = partitions.map { TopicPartition(topic: redrivesTopic, partition: $0.partition) }
        // What could not be prepared was never assigned to the client.
        let leaving = (partitions + redrives).filter(assigned.contains)
        try member.unassign(leaving)
        assigned.subtract(leaving)
        holdCommits()
        notify(.revoked(partitions, isLost: isLost, unfinished: unfinished))
    }

    private func readRecords() {
        for partition in assigned {
            let topic = partition.topic == redrivesTopic ? settings.topics.topic : nil
            while true {
                let room = workers.lanes.withLock { $0.room(in: partition) }
                guard room > 0 else { break }
                let wanted = min(room, Self.batchMax)
                var batch = member.take(from: partition, max: wanted)
                for error in batch.errors { notify(.kafka(error)) }
                let count = batch.records.count
                guard count > 0 else { break }
                // What can be done outside of the lock is done there: the workers want it as well.
                let read = ReadRecord.all(batch.takeRecords(), redrivenTo: topic)
                let now = clocks.now
                workers.lanes.withLockSoon { $0.add(read, of: partition, at: now) }
                workers.spawn()
                if count < wanted { break }
            }
        }
    }

    private func sleep() {
        // Calls begin within a session of the last turn only.
        let sleepMax = min(Self.sleepMax, standstill.session / 3)
        let now = clocks.now.steady
        let due = [rebalance.due, prepareAt, commitDue(after: now), standstill.doubtEnds].compactMap(\.self).min()
        let awake = workers.lanes.withLock { lanes in
            let awake = [due, lanes.nextDue, now + sleepMax].compactMap(\.self).min() ?? now
            lanes.awakeAt = awake
            return awake
        }
        bell.ring(after: awake - now)
    }

    // Commits.

    /// When the next commit is due: one at a time, whose result wakes the loop, and none during a rebalance.
    private func commitDue(after now: Duration) -> Duration? {
        guard commits.isEmpty, !assigned.isEmpty else { return nil }
        return member.isJoining ? max(nextCommit, now + Self.joinPause) : nextCommit
    }

    private func commitIfDue(at now: Duration) {
        guard now >= nextCommit, commits.isEmpty, !member.isJoining else { return }
        nextCommit = now + settings.commitInterval
        _ = commit(nil)
    }

    /// The next rebalance may begin at once, and is noticed a moment later.
    private func holdCommits() {
        nextCommit = max(nextCommit, clocks.now.steady + min(settings.commitInterval, Self.joinPause))
    }

    /// Nil if there is nothing to commit, or the commit cannot be begun.
    private func commit(_ partitions: [TopicPartition]?) -> UInt? {
        let offsets = workers.lanes.withLock { $0.commits(partitions, metadataBytesMax: metadataBytesMax) }
        guard !offsets.isEmpty else { return nil }
        commitCount += 1
        do throws(KafkaError) {
            try member.commit(offsets, opaque: commitCount)
        } catch {
            fail(error)
            return nil
        }
        commits[commitCount] = offsets
        return commitCount
    }

    private func take(_ report: CommitReport) throws {
        let offsets = commits.removeValue(forKey: report.opaque) ?? [:]
        if let error = report.error { fail(error) }
        let taken = offsets.filter { report.committed[$0.key] != nil }
        workers.lanes.withLock { $0.note(committed: taken) }
        let isTooLong = report.error?.isMetadataTooLarge == true && metadataBytesMax > 0
        if isTooLong { metadataBytesMax /= 2 }
        guard report.opaque == lastCommit else { return }
        if isTooLong, let again = commit(Array(offsets.keys)) {
            lastCommit = again
            return
        }
        lastCommit = nil
        try perform(rebalance.committed(at: clocks.now.steady))
    }

    private func fail(_ error: KafkaError) {
        workers.lanes.withLock { $0.noteFailedCommit() }
        notify(.commitFailed(error))
    }

    // Assignments.

    private func prepare(_ partitions: [TopicPartition]) {
        preparing = partitions
        prepareAt = nil
        starts.find(partitions)
    }

    private func takePrepared() throws {
        let now = clocks.now.steady
        if let due = prepareAt, due <= now { prepare(preparing) }
        guard let result = starts.take() else { return }
        switch result {
        case .failure(let error):
            notify(.kafka(error))
            // The next rebalance need not wait for these, nor a member that leaves the group.
            guard !isLeaving, !rebalance.hasWaiting else { return try begin([], at: now) }
            prepareAt = now + Self.preparePause
        case .success(let starts): try begin(starts, at: now)
        }
    }

    private func begin(_ starts: [PartitionStart], at now: Duration) throws {
        prepareAt = nil
        workers.lanes.withLock { $0.begin(starts) }
        let offsets = starts.reduce(into: [:]) { $0.merge($1.offsets) { $1 } }
        try member.assign(offsets)
        assigned.formUnion(offsets.keys)
        holdCommits()
        notify(.assigned(Dictionary(uniqueKeysWithValues: starts.map { ($0.partition, $0.committed) })))
        try perform(rebalance.prepared(at: now))
    }
}

/// Wakes the loop: at once, or after a delay. Rings while the loop is awake count as one.
final class Bell: Sendable {
    let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let timer: Mutex<any DispatchSourceTimer>

    init() {
        (rings, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "ordered-consumer.timer"))
        timer.setEventHandler { [continuation] in continuation.yield() }
        timer.activate()
        self.timer = Mutex(timer)
    }

    deinit { timer.withLock { $0.cancel() } }

    func ring() { continuation.yield() }

    /// Replaces the delay that was set before.
    func ring(after delay: Duration) {
        let (seconds, attoseconds) = max(delay, .zero).components
        // Limit: the loop never sleeps as long as an hour; it keeps the nanoseconds within their type.
        let nanoseconds = min(seconds, 3600) * 1_000_000_000 + attoseconds / 1_000_000_000
        timer.withLock { $0.schedule(deadline: .now() + .nanoseconds(Int(nanoseconds)), leeway: .milliseconds(1)) }
    }
}
