import Forwarder
import HTTPServer
import Kafka
import Operations
import OrderedConsumer
import Timestamps

struct ConsumerService {
    let consumer: KeyedConsumer
    let operations: OperationsServer
    private let membership: Health.Condition
    private let log: Log
    private let gracePeriod: Duration

    init(
        _ settings: KeyedConsumerSettings,
        context: CommandContext,
        metrics: MetricRegistry,
        handler: @escaping RecordHandler
    ) throws {
        let log = context.log
        let health = Health()
        let membership = health.condition(.ready, "group", because: "not joined yet")
        let target = health.condition(.ready, "service", because: "")
        target.meet()
        let notices = ConsumerLog(log, rights: context.settings.neededRights)
        let consumer = try KeyedConsumer(
            settings,
            onNotice: { notice in
                switch notice {
                case .assigned: membership.meet()
                case .held(let hold):
                    target.hold("held since \(Timestamp.text(milliseconds: hold.sinceMilliseconds)): \(hold.cause)")
                case .released: target.meet()
                default: break
                }
                notices.write(notice)
            },
            handler: handler
        )
        ProcessMetrics.register(in: metrics, librdkafkaVersion: LibraryVersion.current.description)
        CertificateWatch.register(in: metrics)
        let shown = ConsumerMetrics(metrics)
        metrics.beforeScrape { shown.show(consumer.figures, now: Timestamp.now()) }
        let watch = try TLSFiles(context.settings, SettingsTable.shared.operationsTLS).map {
            try CertificateWatch($0, port: "operations", metrics: metrics, log: log)
        }
        operations = OperationsServer(
            address: context.settings[\.edge.operations],
            health: health,
            metrics: metrics,
            routes: ConsumerRoutes(consumer, group: settings.topics.group, log: log).all,
            names: context.settings[\.edge.operationsNames],
            tls: watch?.identity,
            loops: LoopWatch(log: log),
            watching: [watch?.look].compactMap(\.self)
        )
        self.consumer = consumer
        self.membership = membership
        self.log = log
        gracePeriod = context.settings[\.edge.gracePeriod]
    }

    /// The operations port comes first, so that a probe can see why the rest does not start.
    func start() throws { try operations.start() }

    func run(until stop: StopSignal) async throws -> ExitStatus {
        try await withThrowingTaskGroup { group in
            group.addTask { try await consumer.run() }
            group.addTask { _ = await stop.wait() }
            defer { group.cancelAll() }
            // Whichever comes first: the signal, or the end of a consumer that its group rejects.
            try await group.next()
            guard stop.isRaised else {
                log.error("stopped", ["verdict": "the consumer ended by itself"])
                return .failure
            }
            return try await end(of: &group)
        }
    }

    private func end(of group: inout ThrowingTaskGroup<Void, any Error>) async throws -> ExitStatus {
        log.info("stopping")
        membership.hold("stopping")
        let deadlines = StopDeadlines(gracePeriod: gracePeriod)
        let plan = try StopPlan(
            within: gracePeriod,
            [
                StopStep("consumer", deadline: deadlines.drain + deadlines.flush) { _ in
                    consumer.stop()
                    await consumer.waitUntilEnded()
                    return true
                },
                StopStep("operations", deadline: deadlines.operations) { limit in
                    await joining { operations.drain(within: limit) }
                },
            ]
        )
        guard await plan.run(log: log) else {
            log.error("stopped", ["verdict": "what was being handled was not finished in time"])
            return .failure
        }
        try await group.next()
        log.info("stopped", ["verdict": "everything that was handled is committed"])
        return .success
    }
}

extension KeyedConsumerSettings {
    init(_ settings: ResolvedSettings, client: ClientSettings) throws {
        var group = GroupConsumerSettings(client: client, group: settings[\.consumer.group])
        group.start = settings[\.consumer.start]
        group.assignor = settings[\.consumer.assignor]
        group.instanceID = settings[\.consumer.instanceID]
        group.sessionTimeoutMilliseconds = settings[\.consumer.sessionTimeout].wholeMilliseconds
        self.init(group, topics: try GroupTopics(topic: settings[\.topic], group: settings[\.consumer.group]))
        lanesMax = settings[\.consumer.lanes]
        recordsMax = settings[\.consumer.recordsMax]
        bytesMax = settings[\.consumer.bytesMax]
        retry = RetryPolicy(
            attemptsMax: settings[\.consumer.attempts],
            firstDelay: settings[\.consumer.retryDelay],
            delayMax: settings[\.consumer.retryDelayMax],
            giveUpAfter: settings[\.consumer.giveUpAfter]
                ?? (settings.source(\.consumer.attempts) == .standard ? .seconds(86_400) : .zero)
        )
        probePauseMax = settings[\.consumer.probePauseMax]
        afterDeadLetter =
            switch settings[\.consumer.afterDeadLetter] {
            case .park: .park
            case .continue: .continue
            }
        parkedKeysMax = settings[\.consumer.parkedKeysMax]
        reorderWindow = settings[\.consumer.reorderWindow]
        isCoalescing = settings[\.consumer.coalesce]
        dedupeWindow = settings[\.consumer.dedupeWindow]
        skipsReplays = settings[\.consumer.skipReplays]
        writesSpringHeaders = settings[\.consumer.springHeaders]
        commitInterval = settings[\.consumer.commitInterval]
        let deadlines = StopDeadlines(gracePeriod: settings[\.edge.gracePeriod])
        // A stop takes all three, one after the other.
        drainDeadline = deadlines.drain - deadlines.flush
        cancelDeadline = deadlines.flush
        commitDeadline = deadlines.flush
    }
}
