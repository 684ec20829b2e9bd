import Dispatch
import Forwarder
import HTTPServer
import Kafka
import Operations
import OrderedConsumer
import Timestamps

/// A consumer with its operations port, from start to orderly stop: what the commands that consume run.
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
        let notices = NoticeLog(log)
        let consumer = try KeyedConsumer(
            settings,
            onNotice: { notice in
                if case .assigned = notice { membership.meet() }
                notices.write(notice)
            },
            handler: handler
        )
        ProcessMetrics.register(in: metrics, librdkafkaVersion: LibraryVersion.current.description)
        CertificateWatch.register(in: metrics)
        let shown = ConsumerMetrics(metrics)
        metrics.beforeScrape { shown.show(consumer.figures, now: Timestamp.now()) }
        let watch = try TLSFiles(ofOperations: context.settings).map {
            try CertificateWatch($0, port: "operations", metrics: metrics, log: log)
        }
        operations = OperationsServer(
            address: try ReceiveCommand.operationsAddress(context.settings),
            health: health,
            metrics: metrics,
            routes: GroupRoutes(consumer, group: settings.topics.group, log: log).all,
            tls: watch?.identity,
            watching: watch.map { watch in [{ watch.look() }] } ?? []
        )
        self.consumer = consumer
        self.membership = membership
        self.log = log
        gracePeriod = context.settings.duration(.gracePeriod)
    }

    /// The operations port comes first, so that a probe can see why the rest does not.
    func start() throws {
        try operations.start()
    }

    /// Handles records until the signal comes, then stops in order.
    func run(until stop: StopSignal) async throws -> ExitStatus {
        try await withThrowingTaskGroup { group in
            group.addTask { try await consumer.run() }
            group.addTask { _ = await stop.wait() }
            defer { group.cancelAll() }
            // Whichever comes first: the signal, or the end of a consumer that the group no longer takes.
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
                    await Self.blocking { operations.drain(within: limit) }
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

    /// Joining threads blocks, which the pool of tasks must not.
    private static func blocking(_ work: @escaping @Sendable () -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: work()) }
        }
    }
}
