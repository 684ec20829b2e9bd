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
        let list = reasons.map(JSONText.quoted).joined(separator: ",")
        return .json("{\"\(name)\":false,\"reasons\":[\(list)]}", status: 503)
    }

    private var status: String {
        let reasons = health.reasons(against: .ready)
        let status = Status(
            live: health.isLive,
            ready: reasons.isEmpty,
            reasons: reasons,
            metrics: metrics.samples().filter(\.value.isFinite)
        )
        return RoutedAnswer.jsonText(status)
    }
}
