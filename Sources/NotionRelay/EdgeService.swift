import Dispatch
import HTTPServer
import Kafka
import Operations
import Receiver

/// An edge with its operations port, from start to orderly stop: what `receive`, `dev` and `demo` run.
struct EdgeService {
    let edge: Edge
    let operations: OperationsServer
    let metrics = MetricRegistry()
    let health = Health()
    private let log: Log

    /// The files of certificates and tokens are read here; what is wrong with one is said before anything is started.
    /// `resolved` says where the tokens' file is.
    init(
        _ settings: ReceiverSettings,
        operations address: ListenAddress,
        tls: TLSFiles? = nil,
        operationsTLS: TLSFiles? = nil,
        resolved: ResolvedSettings? = nil,
        log: Log
    ) throws {
        self.log = log
        let metrics = self.metrics
        CertificateWatch.register(in: metrics)
        let watch = try tls.map { try CertificateWatch($0, port: "public", metrics: metrics, log: log) }
        let operationsWatch = try operationsTLS.map {
            try CertificateWatch($0, port: "operations", metrics: metrics, log: log)
        }
        ProcessMetrics.register(in: metrics, librdkafkaVersion: LibraryVersion.current.description)
        edge = try Edge(settings, metrics: metrics, health: health, log: log, tls: watch?.identity)
        let tokenFiles = try resolved.flatMap { [edge] in
            try TokenFileWatch($0, activeTokens: edge.activeTokens, metrics: metrics, log: log)
        }
        Self.warn(of: settings.limits.connectionsMax, log)
        let routes = EnrolmentRoutes(pending: edge.pending)
        let tokens = TokenRoutes(activeTokens: edge.activeTokens, uses: edge.uses)
        operations = OperationsServer(
            address: address,
            health: health,
            metrics: metrics,
            routes: [
                Route("GET", "/enrolment") { _ in routes.list() },
                Route("POST", "/enrolment/reveal") { _ in routes.reveal() },
                Route("GET", "/tokens") { _ in tokens.list() },
            ],
            tls: operationsWatch?.identity,
            watching: [watch, operationsWatch].compactMap(\.self).map { watch in { watch.look() } }
                + (tokenFiles.map { watch in [{ watch.look() }] } ?? [])
        )
    }

    /// Raises the limit of open files if that is granted.
    private static func warn(of connectionsMax: Int, _ log: Log) {
        let room = DescriptorLimit.makeRoom(forConnections: connectionsMax)
        guard room < connectionsMax else { return }
        log.warning(
            "open_files_limit",
            [
                "connections_max": connectionsMax, "room": room,
                "hint": "raise the limit of open files (ulimit -n, LimitNOFILE) or lower connections_max",
            ]
        )
    }

    /// The operations port comes first, so that a probe can see why the rest does not.
    func start() throws {
        try operations.start()
        try edge.start()
    }

    /// Readiness off, answer what was accepted, flush, close, then the operations port. Whether all of it was done in
    /// time.
    func stop(within gracePeriod: Duration) async throws -> Bool {
        let deadlines = StopDeadlines(gracePeriod: gracePeriod)
        let plan = try StopPlan(
            within: gracePeriod,
            [
                StopStep("receiver", deadline: deadlines.drain + deadlines.flush) { _ in
                    await Self.blocking { edge.stop() }
                },
                StopStep("operations", deadline: deadlines.operations) { limit in
                    await Self.blocking { operations.drain(within: limit) }
                },
            ]
        )
        return await plan.run(log: log)
    }

    /// Joining threads blocks, which the pool of tasks must not.
    private static func blocking(_ work: @escaping @Sendable () -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: work()) }
        }
    }
}
