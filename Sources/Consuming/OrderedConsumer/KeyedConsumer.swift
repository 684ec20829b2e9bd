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
    private let settings: KeyedConsumerSettings
    private let bell = Bell()
    private let member: GroupConsumer
    private let store: GroupStore
    private let workers: WorkerPool
    private let notify: @Sendable (ConsumerNotice) -> Void
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
        notify = onNotice
        // `PartitionStarts` finds out where partitions begin. Only an offset that has expired meanwhile is left to the
        // client, which then goes to the first record: a jump to the end would lose some.
        var group = settings.group
        group.start = .beginning
        member = try GroupConsumer(group) { [bell] in bell.ring() }
        // Limit: a dead letter is its record and some headers; no topic of events holds records of 64 MiB. A batch is
        // refused as a whole, so that it must not be too large where its records are not.
        let producing = ProducerSettings(
            client: settings.group.client,
            messageBytesMax: 64 << 20,
            batchBytesMax: settings.group.client.extra["batch.size"] == nil ? 65_536 : nil
        )
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
        workers = WorkerPool(settings, store, bell, notify: onNotice, handler: handler)
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
                let starts = PartitionStarts(settings, member, follower, bell, notify: notify)
                let loop = GroupLoop(
                    settings,
                    member,
                    workers,
                    starts,
                    bell,
                    notify: notify,
                    isStopping: { [self] in isStopping }
                )
                try await loop.run()
            }
        } onCancel: {
            stop()
        }
    }

    /// Retries while Kafka is not ready, since it may be starting too. False if the consumer was stopped meanwhile.
    ///
    /// Limit: brokers learn of a new topic one after the other; one that is unknown after ten seconds does not exist.
    private func retrying(_ body: @Sendable () async throws -> Void) async throws -> Bool {
        let known = workers.clocks.now.steady + .seconds(10)
        while !isStopping, !Task.isCancelled {
            do {
                try await body()
                return true
            } catch let error as KafkaError
                where error.isRetriable || (error.isUnknownTopic && workers.clocks.now.steady < known)
            {
                // A topic that was just created is not known to every broker at once, and may have no leader yet.
                notify(.kafka(error))
            }
            bell.ring(after: .milliseconds(500))
            for await _ in bell.rings { break }
        }
        return false
    }

    /// Asks ``run()`` to stop in an orderly way. Idempotent.
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

    private var isStopping: Bool { stopState.withLock { $0.isStopping } }

    /// Sets how many calls of the handler may run at once; calls that are running go on.
    public func setLanesMax(_ count: Int) {
        workers.lanes.withLock { $0.callsMax = max(1, count) }
        bell.ring()
    }

    /// Pauses all members of the group: calls that run go on, no new ones begin, and members stay in the group. The
    /// pause is kept in the group's state, so it survives restarts. `by` says who asked for it.
    public func pauseGroup(by: String? = nil) async throws(KafkaError) {
        try await store.write(.paused(Pause(sinceMilliseconds: workers.clocks.now.wall, by: by)))
    }

    /// Lets all members of the group handle records again.
    public func resumeGroup() async throws(KafkaError) { try await store.write(.gone(.paused)) }

    private func setPause(_ pause: Pause?) {
        workers.lanes.withLock { $0.isPaused = pause != nil }
        notify(.paused(pause))
        bell.ring()
    }

    /// What is going on.
    public var figures: ConsumerFigures {
        var figures = workers.lanes.withLock { $0.figures(at: workers.clocks.now) }
        for index in figures.partitions.indices {
            guard let end = member.knownEnd(of: figures.partitions[index].partition) else { continue }
            figures.partitions[index].setEnd(end)
        }
        return figures
    }

    private func close() {
        workers.cancelAll()
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
    /// The process did not run for this long, which is longer than a session: no call begins until the coordinator has
    /// confirmed that the partitions are still this member's.
    case stoodStill(Duration)
    /// A handler passed its deadline and was cancelled.
    case overdue(TopicPartition, offset: Int64, attempt: Int)
    /// A record was given up, and stands there in the dead-letter topic.
    case deadLettered(DeadLetter, RecordPlace)
    /// A key's records follow its dead letter from now on.
    case parked(ParkedKey)
    /// A key is too long for an entry of the group's state, so its later records are handled; why, in one line.
    case notParked(ParkedKey, String)
    /// A key's dead letters have all been handled; its records are handled again.
    case unparked(ParkedKey)
    /// A dead letter or an entry of the group's state cannot be written: its key waits, uncommitted.
    case storeFailed(TopicPartition, offset: Int64, String)
    /// ``KeyedConsumerSettings/parkedKeysMax`` keys are parked: another key that fails waits until one is free.
    case parkedKeysFull(TopicPartition, offset: Int64)
    /// What the handler depends on is in trouble: single records are tried until one is done.
    case held(Hold)
    /// One is done, and all go on.
    case released(Hold)
    /// The group pauses, or goes on (`nil`).
    case paused(Pause?)
    /// A record of the group's state topic that cannot be read.
    case unknownState(offset: Int64)
    /// Offsets could not be committed; the next commit tries again.
    case commitFailed(KafkaError)
    /// Something went wrong in the Kafka client, which keeps trying.
    case kafka(any Error)
    /// A line of librdkafka's log.
    case log(LogLine)
}
