package import HTTPServer
internal import TextOutput

/// The operations port: a server of its own on one loop of its own, so that no delivery waits for a scrape and
/// readiness is answered while the public port has no free connection.
package final class OperationsServer: Sendable {
    private let server: Server
    private let asked: ListenAddress

    /// What is watched is every port's certificates, and files of secrets: this loop has time to look at them.
    package init(
        address: ListenAddress,
        health: Health,
        metrics: MetricRegistry,
        routes: [Route] = [],
        tls: TLSIdentity? = nil,
        watching looks: [@Sendable () -> Void] = []
    ) {
        asked = address
        server = Server(address: address, loops: 1, limits: Self.limits, tls: tls) { loop in
            for look in looks { loop.every(milliseconds: CertificateWatch.intervalMilliseconds, look) }
            return Router(loop: loop, routes: OperationsRoutes(health: health, metrics: metrics).all + routes)
        }
    }

    package func start() throws(ServerError) {
        try server.start()
    }

    /// The port that is listened on; useful when 0 was asked for.
    package var port: Int { server.port }

    /// Where it listens, with the port that the kernel chose if it was left to it.
    package var address: ListenAddress { asked.with(port: UInt16(server.port)) }

    /// Whether everything that was asked got its answer. Blocks its thread.
    package func drain(within duration: Duration) -> Bool {
        server.drain(within: duration)
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
            Route("GET", "/livez") { _ in report("live", health.reasons(against: .live)) },
            Route("GET", "/readyz") { _ in report("ready", health.reasons(against: .ready)) },
            Route("GET", "/metrics") { _ in
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
