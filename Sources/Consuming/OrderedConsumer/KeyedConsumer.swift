public import Kafka
import Synchronization

/// A member of a consumer group that handles one record at a time for each key, in order, and many keys at once.
///
/// ```swift
/// import Kafka
/// import OrderedConsumer
///
/// let client = ClientSettings(bootstrapServers: ["localhost:9092"])
/// let settings = try KeyedConsumerSettings(client: client, group: "index", topic: "notion.events.v1")
/// let consumer = try KeyedConsumer(settings) { consumed in
///     try await index.apply(consumed.record)
///     return .done
/// }
/// try await consumer.run()
/// ```
///
/// A record that fails is tried again, while other keys go on; one that fails for good goes to the group's dead-letter
/// topic, and, unless told otherwise, its key's later records follow it there until `notion-relay redrive` brings them
/// back, in order. Offsets are committed only up to the first record that is not done. Each record is handled at least
/// once; duplicates by `ce_id` are dropped.
public final class KeyedConsumer: Sendable {
    let settings: KeyedConsumerSettings
    let lanes: Mutex<LanesStateMachine>
    let clocks = Clocks()
    let bell = Bell()
    let member: GroupConsumer
    let store: GroupStore
    let notify: @Sendable (ConsumerNotice) -> Void
    private let handler: RecordHandler
    private let workers = Mutex<[Int: Task<Void, Never>]>([:])
    private let stopState = Mutex(StopState())

    private struct StopState {
        var hasRun = false
        var isStopping = false
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Makes the member; ``run()`` joins the group.
    ///
    /// `onNotice` is told what is worth a line in a log; it must not block. Throws an error that names the setting that
    /// is wrong.
    public init(
        _ settings: KeyedConsumerSettings,
        onNotice: @escaping @Sendable (ConsumerNotice) -> Void = { _ in },
        handler: @escaping RecordHandler
    ) throws(KafkaError) {
        self.settings = settings
        self.handler = handler
        notify = onNotice
        lanes = Mutex(LanesStateMachine(settings.rules))
        // Where partitions begin is asked for; only an offset that is gone meanwhile is left to the client, and then
        // the first record there is comes before a jump to the end, which would lose some.
        var group = settings.group
        group.start = .beginning
        member = try GroupConsumer(group) { [bell] in bell.ring() }
        // Limit: a dead letter is its record and some headers; no topic of events holds records of 16 MiB.
        let producing = ProducerSettings(client: settings.group.client, messageBytesMax: 16 << 20)
        store = try GroupStore(
            settings.topics,
            writesSpringHeaders: settings.writesSpringHeaders
        ) { () throws(KafkaError) in
            try Producer(
                producing,
                delivery: .awaited { event in
                    switch event {
                    case .error(let error), .fatal(let error): onNotice(.kafka(error))
                    case .log(let line): onNotice(.log(line))
                    case .delivered, .statistics: break
                    }
                }
            )
        }
    }

    /// Joins the group and handles records until ``stop()``; a cancelled task stops too. Once only.
    ///
    /// Returns when what was running has ended or the deadlines have passed, offsets are committed and the group is
    /// left. Throws when the topics are not there, or when the group no longer takes this member.
    public func run() async throws {
        let isFirst = stopState.withLock { state in
            defer { state.hasRun = true }
            return !state.hasRun
        }
        precondition(isFirst, "A consumer runs once.")
        defer { close() }
        guard
            try await retrying({ [settings] in
                if settings.createsTopics { try await settings.topics.createMissing(settings.group.client) }
            })
        else { return }
        let follower = try StateFollower(
            settings.group.client,
            topic: settings.topics.state,
            onPause: { [self] in setPause($0) },
            notify: notify
        )
        guard try await retrying({ try await follower.start() }) else { return follower.close() }
        try await withTaskCancellationHandler {
            try await withThrowingTaskGroup { group in
                group.addTask { await follower.run() }
                defer { follower.close() }
                guard try await retrying({ try await follower.catchUp() }) else { return }
                try await GroupLoop(self, follower).run()
            }
        } onCancel: {
            stop()
        }
    }

    /// Repeats what Kafka cannot do yet, since it may be starting too. False if it was stopped meanwhile.
    ///
    /// Limit: brokers hear of a new topic one after the other; one that is unknown after ten seconds is not there.
    private func retrying(_ body: @Sendable () async throws -> Void) async throws -> Bool {
        let known = clocks.now.steady + .seconds(10)
        while !isStopping, !Task.isCancelled {
            do {
                try await body()
                return true
            } catch let error as KafkaError
                where error.isRetriable || (error.isUnknownTopic && clocks.now.steady < known)
            {
                // A topic that was just created is not known to every broker at once, nor has it a leader.
                notify(.kafka(error))
            }
            bell.ring(after: .milliseconds(500))
            for await _ in bell.rings { break }
        }
        return false
    }

    /// Asks ``run()`` to stop in order. Idempotent.
    public func stop() {
        stopState.withLock { $0.isStopping = true }
        bell.ring()
    }

    /// Returns once ``run()`` has ended.
    public func waitUntilEnded() async {
        await withCheckedContinuation { continuation in
            let hasEnded = stopState.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    var isStopping: Bool { stopState.withLock { $0.isStopping } }

    /// How many calls may run at once from now on; those that run go on.
    public func setLanesMax(_ count: Int) {
        lanes.withLock { $0.lanesMax = max(1, count) }
        bell.ring()
    }

    /// Lets all members of the group pause: what runs goes on, nothing new is begun, memberships stay. The pause is
    /// kept in the group's state, so it survives restarts. `by` says who wants it.
    public func pauseGroup(by: String? = nil) async throws(KafkaError) {
        try await store.write(.paused(Pause(sinceMilliseconds: clocks.now.wall, by: by)))
    }

    /// Lets all members of the group go on.
    public func resumeGroup() async throws(KafkaError) {
        try await store.write(.gone(.paused))
    }

    private func setPause(_ pause: Pause?) {
        lanes.withLock { $0.isPaused = pause != nil }
        notify(.paused(pause))
        bell.ring()
    }

    /// What is going on.
    public var figures: ConsumerFigures {
        var figures = lanes.withLock { $0.figures }
        for index in figures.partitions.indices {
            guard let end = member.knownEnd(of: figures.partitions[index].partition) else { continue }
            figures.partitions[index].setEnd(end)
        }
        return figures
    }

    private func close() {
        // Workers that did not end in time end without effect; nobody waits for them.
        let rest = workers.withLock { Array($0.values) }
        for worker in rest { worker.cancel() }
        store.close()
        member.close()
        let waiters = stopState.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

extension KeyedConsumer {
    /// Lets workers begin until there is nothing to do or enough of them.
    func spawn() {
        while let work = lanes.withLock({ lanes -> LaneWork? in
            let worker = lanes.newWorker()
            return lanes.take(for: worker, at: clocks.now)
        }) {
            workers.withLock { workers in
                // Safety: `close` cancels what is left of these tasks; each removes itself at its end, and cannot do so
                // before it is entered here.
                workers[work.worker] = Task { await self.run(work) }
            }
        }
    }

    func cancel(_ leaving: [Int]) {
        let tasks = workers.withLock { workers in leaving.compactMap { workers[$0] } }
        for task in tasks { task.cancel() }
    }

    /// A worker: from one piece of work to the next, until there is none.
    private func run(_ first: LaneWork) async {
        var next: LaneWork? = first
        while let work = next {
            let result = await perform(work.step)
            let settlement = lanes.withLockSoon { $0.settle(work, result, at: clocks.now) }
            for notice in settlement.notices { notify(notice) }
            if settlement.ringsLoop { bell.ring() }
            next = settlement.next
        }
        workers.withLock { $0[first.worker] = nil }
    }

    private func perform(_ step: LaneWork.Step) async -> LaneWork.Result {
        switch step {
        case .handle(let consumed):
            do {
                return .handled(try await handler(consumed))
            } catch {
                return .handled(settings.classify(error))
            }
        case .giveUp(let letters, let parking, let isNew):
            do throws(KafkaError) {
                return .gaveUp(try await store.giveUp(letters, parking: parking, isNew: isNew))
            } catch {
                return .failed("\(error)")
            }
        case .write(let entry):
            do throws(KafkaError) {
                try await store.write(entry)
                return .written
            } catch {
                return .failed("\(error)")
            }
        }
    }
}

/// What happens in a consumer and is worth a line in a log.
public enum ConsumerNotice: Sendable {
    /// Partitions came to this member, and are read from these offsets on.
    case assigned([TopicPartition: Int64])
    /// Partitions have gone to others. `unfinished` calls of the handler were still running: their records will be
    /// handled again elsewhere.
    case revoked([TopicPartition], isLost: Bool, unfinished: Int)
    /// The committed offset lies beyond the partition's end, as after a topic was deleted and made again; reading
    /// begins at the first record there is.
    case beyondEnd(TopicPartition, committed: Int64, end: Int64)
    /// The process did not run for so long, which is longer than a session: nothing is begun before the group has said
    /// whether the partitions are still this member's.
    case stoodStill(Duration)
    /// A handler passed its deadline and was cancelled.
    case overdue(TopicPartition, offset: Int64, attempt: Int)
    /// A record was given up, and stands there in the dead-letter topic.
    case deadLettered(DeadLetter, RecordPlace)
    /// A key's records follow its dead letter from now on.
    case parked(ParkedKey)
    /// A key's dead letters have all been handled; its records are handled again.
    case unparked(ParkedKey)
    /// A dead letter or an entry of the group's state cannot be written: its key waits, and nothing is committed past
    /// it.
    case storeFailed(TopicPartition, offset: Int64, String)
    /// ``KeyedConsumerSettings/parkedKeysMax`` keys are parked: another key that fails waits until one is free.
    case parkedKeysFull(TopicPartition, offset: Int64)
    /// The group pauses, or goes on (`nil`).
    case paused(Pause?)
    /// An entry of the group's state topic that is not understood.
    case unknownState(offset: Int64)
    /// Offsets could not be committed; the next commit tries again.
    case commitFailed(KafkaError)
    /// Something went wrong in the Kafka client, which keeps trying.
    case kafka(any Error)
    /// A line of librdkafka's log.
    case log(LogLine)
}
