package import HTTPServer
internal import Synchronization
internal import TextOutput

/// The operations port: a server of its own on one loop of its own, so that no delivery waits for a scrape and
/// readiness is answered while the public port has no free connection.
package final class OperationsServer: Sendable {
    private let server: Server
    private let asked: ListenAddress
    private let loops: LoopWatch
    private let looks: [@Sendable () -> Void]
    private let repetitions = Mutex<[Repetition]>([])

    /// What is watched is every port's certificates, and files of secrets; and `loops`, to which those of this port
    /// are added. `names` are those that the port may be called by besides addresses and localhost.
    package init(
        address: ListenAddress,
        health: Health,
        metrics: MetricRegistry,
        routes: [Route] = [],
        names: [String] = [],
        tls: TLSIdentity? = nil,
        loops: LoopWatch,
        watching looks: [@Sendable () -> Void] = []
    ) {
        asked = address
        self.loops = loops
        self.looks = looks
        let server = Server(address: address, loops: 1, limits: Self.limits, tls: tls) { loop in
            Router(
                loop: loop,
                routes: OperationsRoutes(health: health, metrics: metrics).all + routes,
                rule: BrowserRule(address, names: names)
            )
        }
        self.server = server
        loops.add("operations", to: health) { server.stalls(longerThan: $0) }
    }

    package func start() throws(ServerError) {
        try server.start()
        // Each has a thread of its own: a filesystem that hangs holds up neither this port nor the watch.
        let files = looks.map { look in
            Repetition("file-watch", everyMilliseconds: CertificateWatch.intervalMilliseconds, look)
        }
        let watch = Repetition("loop-watch", everyMilliseconds: LoopWatch.intervalMilliseconds, loops.look)
        repetitions.withLock { $0 = files + [watch] }
    }

    /// The port that is listened on; useful when 0 was asked for.
    package var port: Int { server.port }

    /// Where it listens, with the port that the kernel chose if it was left to it.
    package var address: ListenAddress { asked.with(port: UInt16(server.port)) }

    /// Whether everything that was asked got its answer. Blocks its thread.
    package func drain(within duration: Duration) -> Bool {
        for repetition in repetitions.withLock({ $0 }) { repetition.end() }
        return server.drain(within: duration)
    }

    // Limit: a scraper or two, a probe, an operator or two, and room for what they forgot to close.
    private static var limits: Limits {
        var limits = Limits()
        limits.connectionsMax = 256
        return limits
    }
}

/// What every program's operations port answers: `/livez`, `/readyz`, `/metrics` and, as it changes, `/events`.
struct OperationsRoutes {
    /// One event of `/events`.
    private struct Status: Encodable {
        let live: Bool
        let ready: Bool
        let reasons: [String]
        let metrics: [String: Double]
    }

    let health: Health
    let metrics: MetricRegistry

    var all: [Route] {
        [
            Route("GET", "/livez", isForAnyone: true) { _ in report("live", health.reasons(against: .live)) },
            Route("GET", "/readyz", isForAnyone: true) { _ in report("ready", health.reasons(against: .ready)) },
            Route("GET", "/metrics", isForAnyone: true) { _ in
                RoutedAnswer(status: 200, contentType: PrometheusText.contentType, body: metrics.exposition())
            },
            .events("/events") { [ServerSentEvent(name: "status", data: status)] },
        ]
    }

    /// `{"ready":true}`, or 503 and why not.
    private func report(_ name: String, _ reasons: [String]) -> RoutedAnswer {
        guard !reasons.isEmpty else { return .json("{\"\(name)\":true}") }
        return .json("{\"\(name)\":false,\"reasons\":\(SortedJSON.text(reasons))}", status: 503)
    }

    private var status: String {
        let reasons = health.reasons(against: .ready)
        let status = Status(
            live: health.isLive,
            ready: reasons.isEmpty,
            reasons: reasons,
            metrics: metrics.samples().filter(\.value.isFinite)
        )
        return SortedJSON.text(status)
    }
}
