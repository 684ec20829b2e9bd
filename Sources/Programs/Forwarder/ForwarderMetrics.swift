import HTTPClient
import Operations
import OutgoingWebhooks

/// What a forwarder counts.
struct ForwarderMetrics: Sendable {
    private let requests: MetricFamily<Counter>
    private let duration: Histogram
    private let inFlight: Gauge
    private let limit: Gauge

    init(_ metrics: MetricRegistry) {
        requests = metrics.counters(
            "notion_relay_forward_requests_total",
            "Requests to the service by what came back: the class of the status, or error.",
            labels: ["result"]
        )
        for result in Self.results { _ = requests.with(result) }
        duration = metrics.histogram(
            "notion_relay_forward_request_duration_seconds",
            "Time from a request to its whole answer."
        )
        inFlight = metrics.gauge("notion_relay_forward_requests_in_flight", "Requests that wait for their answer.")
        limit = metrics.gauge(
            "notion_relay_forward_requests_limit",
            "Requests that may be under way at once now, as the service's answers allow."
        )
    }

    private static let results = ["2xx", "3xx", "4xx", "5xx", "error"]

    func note(_ notice: ServicePoster.Notice) {
        switch notice {
        case .inFlight(let count): inFlight.set(count)
        case .answered(let answer, let time): note(answer, took: time)
        case .limit(let count): limit.set(count)
        }
    }

    private func note(_ answer: Result<ClientResponse, ClientError>, took time: Duration) {
        duration.observe(time)
        guard case .success(let response) = answer, (200...599).contains(response.status) else {
            return requests.with("error").increment()
        }
        requests.with("\(response.status / 100)xx").increment()
    }
}
