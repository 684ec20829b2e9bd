import Kafka
import Synchronization

/// The loop of a consumer: takes events and records from Kafka, lets workers begin, commits, and sees rebalances
/// through. It is the only one that talks to the group, and it never waits for a handler.
final class GroupLoop {
    /// Limit: records taken from a partition at once, so that the first of them are handled while others are read.
    private static let batchMax = 500
    /// Limit: brokers take 4,096 bytes beside an offset unless told otherwise.
    private static let metadataBytesMax = 4000
    /// Limit: however quiet it is, the group must see that this member is alive.
    private static let sleepMax = Duration.seconds(1)
    /// Limit: what librdkafka needs to begin to join, many times over.
    private static let joinPause = Duration.milliseconds(100)
    /// The pause before what is known of an assignment is asked for again.
    private static let preparePause = Duration.milliseconds(500)

    private let consumer: KeyedConsumer
    private let follower: StateFollower
    private var rebalance: RebalanceStateMachine
    private var standstill: StandstillStateMachine
    private var assigned: Set<TopicPartition> = []
    private var nextCommit = Duration.zero
    /// Commits that were not answered yet, by their opaque number.
    private var commits: [UInt: [TopicPartition: CommittedOffset]] = [:]
    private var commitCount: UInt = 0
    /// The commit that a rebalance waits for.
    private var lastCommit: UInt?
    private let prepared = PreparedStarts()
    private var preparing: [TopicPartition] = []
    private var prepareAt: Duration?
    private var isLeaving = false

    init(_ consumer: KeyedConsumer, _ follower: StateFollower) {
        self.consumer = consumer
        self.follower = follower
        rebalance = RebalanceStateMachine(consumer.settings.rebalanceDeadlines)
        standstill = StandstillStateMachine(session: .milliseconds(consumer.settings.group.sessionTimeoutMilliseconds))
    }

    func run() async throws {
        try consumer.member.subscribe(to: [consumer.settings.topics.topic])
        for await _ in consumer.bell.rings {
            try turn()
            if isLeaving, consumer.member.isClosed { return }
        }
    }

    /// One turn: everything that can be done without waiting.
    private func turn() throws {
        if let gap = standstill.turn(at: consumer.clocks.now.steady) { consumer.notify(.stoodStill(gap)) }
        try takeEvents()
        try takePrepared()
        let now = consumer.clocks.now
        let beginsUntil = standstill.beginsUntil ?? .zero
        let (overdue, notices) = consumer.lanes.withLock { lanes in
            lanes.beginsUntil = beginsUntil
            lanes.wake(at: now)
            let (workers, notices) = lanes.overdue(at: now)
            return (workers, notices + lanes.takeNotices())
        }
        for notice in notices { consumer.notify(notice) }
        consumer.cancel(overdue)
        let busy = consumer.lanes.withLock { $0.busyCount(in: rebalance.leaving) }
        try perform(rebalance.advance(at: now.steady, busy: busy))
        consumer.spawn()
        readRecords()
        commitIfDue(at: consumer.clocks.now.steady)
        if consumer.isStopping, !isLeaving {
            isLeaving = true
            try consumer.member.beginClose()
            consumer.bell.ring()
        }
        sleep()
    }

    private func takeEvents() throws {
        while let event = consumer.member.nextEvent() {
            let now = consumer.clocks.now.steady
            switch event {
            case .assigned(let partitions):
                standstill.heard()
                try perform(rebalance.take(.assigned(partitions), at: now))
            case .revoked(let partitions, let isLost):
                standstill.heard()
                try perform(rebalance.take(.revoked(partitions, isLost: isLost), at: now))
            case .committed(let report): try take(report)
            case .error(let error): consumer.notify(.kafka(error))
            case .fatal(let error): throw error
            case .log(let line): consumer.notify(.log(line))
            }
        }
    }

    private func perform(_ actions: [RebalanceStateMachine.Action]) throws {
        for action in actions {
            switch action {
            case .prepare(let partitions): prepare(partitions)
            case .drain(let partitions): consumer.lanes.withLock { $0.drain(partitions) }
            case .cancel(let partitions): consumer.cancel(consumer.lanes.withLock { $0.cancel(in: partitions) })
            case .commit(let partitions):
                lastCommit = commit(partitions)
                if lastCommit == nil { try perform(rebalance.committed(at: consumer.clocks.now.steady)) }
            case .release(let partitions, let isLost): try release(partitions, isLost: isLost)
            }
            // A drain may have ended before it began.
            consumer.bell.ring()
        }
    }

    private func release(_ partitions: [TopicPartition], isLost: Bool) throws {
        let unfinished = consumer.lanes.withLock { $0.end(partitions) }
        // What was never assigned, because it could not be prepared, is not the client's to give up.
        try consumer.member.unassign(partitions.filter(assigned.contains))
        assigned.subtract(partitions)
        holdCommits()
        consumer.notify(.revoked(partitions, isLost: isLost, unfinished: unfinished))
    }

    private func readRecords() {
        for partition in assigned {
            while true {
                let room = consumer.lanes.withLock { $0.room(in: partition) }
                guard room > 0 else { break }
                let wanted = min(room, Self.batchMax)
                var batch = consumer.member.take(from: partition, max: wanted)
                for error in batch.errors { consumer.notify(.kafka(error)) }
                let count = batch.records.count
                guard count > 0 else { break }
                // What can be done outside of the lock is done there: the workers want it as well.
                let read = ReadRecord.all(batch.takeRecords())
                let now = consumer.clocks.now
                consumer.lanes.withLockSoon { $0.add(read, of: partition, at: now) }
                consumer.spawn()
                if count < wanted { break }
            }
        }
    }

    /// Sleeps until the bell rings, at the latest when something is due.
    private func sleep() {
        // Calls begin within a session of the last turn only.
        let sleepMax = min(Self.sleepMax, standstill.session / 3)
        let now = consumer.clocks.now.steady
        let due = [rebalance.due, prepareAt, commitDue(after: now), standstill.doubtEnds].compactMap(\.self).min()
        let awake = consumer.lanes.withLock { lanes in
            let awake = [due, lanes.nextDue, now + sleepMax].compactMap(\.self).min() ?? now
            lanes.awakeAt = awake
            return awake
        }
        consumer.bell.ring(after: awake - now)
    }
}

// Commits.
extension GroupLoop {
    /// When to look after commits: one at a time, whose answer wakes the loop, and none while the group gives out
    /// places.
    private func commitDue(after now: Duration) -> Duration? {
        guard commits.isEmpty, !assigned.isEmpty else { return nil }
        return consumer.member.isJoining ? max(nextCommit, now + Self.joinPause) : nextCommit
    }

    private func commitIfDue(at now: Duration) {
        guard now >= nextCommit, commits.isEmpty, !consumer.member.isJoining else { return }
        nextCommit = now + consumer.settings.commitInterval
        _ = commit(nil)
    }

    /// Who has answered a rebalance may join the next at once, which is seen a moment later.
    private func holdCommits() {
        nextCommit = max(nextCommit, consumer.clocks.now.steady + min(consumer.settings.commitInterval, Self.joinPause))
    }

    /// Begins a commit; `nil` if there is nothing to commit, or it cannot be begun.
    private func commit(_ partitions: [TopicPartition]?) -> UInt? {
        let offsets = consumer.lanes.withLock {
            $0.commits(partitions, metadataBytesMax: Self.metadataBytesMax)
        }
        guard !offsets.isEmpty else { return nil }
        commitCount += 1
        do throws(KafkaError) {
            try consumer.member.commit(offsets, opaque: commitCount)
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
        consumer.lanes.withLock { $0.note(committed: taken) }
        guard report.opaque == lastCommit else { return }
        lastCommit = nil
        try perform(rebalance.committed(at: consumer.clocks.now.steady))
    }

    private func fail(_ error: KafkaError) {
        consumer.lanes.withLock { $0.counts.commitFailures += 1 }
        consumer.notify(.commitFailed(error))
    }
}

// Assignments.
extension GroupLoop {
    /// Gathers what is known of partitions, beside the loop.
    private func prepare(_ partitions: [TopicPartition]) {
        preparing = partitions
        prepareAt = nil
        // Safety: delivers once and ends; all its calls have time-outs, and end when the clients are closed.
        Task { [consumer, follower, prepared] in
            do {
                let starts = try await consumer.starts(of: partitions, follower)
                prepared.put(.success(starts))
            } catch {
                prepared.put(.failure(error))
            }
            consumer.bell.ring()
        }
    }

    /// Begins to read what was prepared; what could not be prepared is tried again after a pause.
    private func takePrepared() throws {
        let now = consumer.clocks.now.steady
        if let due = prepareAt, due <= now { prepare(preparing) }
        guard let result = prepared.take() else { return }
        switch result {
        case .failure(let error):
            consumer.notify(.kafka(error))
            // The group goes on without an answer about these; who leaves it needs no more than that.
            guard !isLeaving, !rebalance.hasWaiting else { return try begin([], at: now) }
            prepareAt = now + Self.preparePause
        case .success(let starts): try begin(starts, at: now)
        }
    }

    private func begin(_ starts: [PartitionStart], at now: Duration) throws {
        prepareAt = nil
        consumer.lanes.withLock { lanes in
            for start in starts { lanes.begin(start) }
            lanes.counts.rebalances += 1
        }
        try consumer.member.assign(Dictionary(uniqueKeysWithValues: starts.map { ($0.partition, $0.readFrom) }))
        assigned.formUnion(starts.map(\.partition))
        holdCommits()
        consumer.notify(.assigned(Dictionary(uniqueKeysWithValues: starts.map { ($0.partition, $0.committed) })))
        try perform(rebalance.prepared(at: now))
    }
}
