import HTTPClient
import Kafka
package import NotionEvents
package import Operations
package import OrderedConsumer
package import OutgoingWebhooks
import Synchronization

package final class EventForwarder: Sendable {
    private let types: TypePatterns
    private let poster: ServicePoster
    private let metrics: ForwarderMetrics
    private let follower: LimitFollower

    /// `now` is milliseconds since 1970.
    package init(
        _ settings: ForwarderSettings,
        metrics registry: MetricRegistry,
        now: @escaping @Sendable () -> Int64
    ) throws {
        let metrics = ForwarderMetrics(registry)
        let follower = LimitFollower()
        types = settings.types
        self.metrics = metrics
        self.follower = follower
        poster = try ServicePoster(settings.service, now: now) { notice in
            metrics.note(notice)
            if case .limit(let limit) = notice { follower.tell(limit) }
        }
    }

    /// Calls `body` with the limit of requests under way, now and whenever it changes.
    package func followLimit(_ body: @escaping @Sendable (Int) -> Void) {
        follower.set(body)
        let limit = poster.limit
        metrics.note(.limit(limit))
        body(limit)
    }

    package func forward(_ consumed: ConsumedRecord) async -> Verdict {
        guard types.match(Self.type(of: consumed)) else { return .skip }
        let verdict = await poster.post(
            EventRequest(
                consumed.record,
                attempt: consumed.attempt,
                isLate: consumed.isLate,
                supersededIDs: consumed.superseded.compactMap(\.id)
            )
        )
        return Self.verdict(verdict)
    }

    package func close() { poster.close() }

    private static func type(of consumed: ConsumedRecord) -> String {
        TypePatterns.type(ofHeader: consumed.record.header("ce_type"))
    }

    private static func verdict(_ verdict: AnswerVerdict) -> Verdict {
        switch verdict {
        case .done: .done
        case .retry(let after, _, let message): .retry(message, after: after)
        case .hold(let after, _, let message): .hold(message, after: after)
        case .deadLetter(let reason, let message): .deadLetter(DeadLetterReason(reason) ?? .handler, message)
        }
    }
}

private final class LimitFollower: Sendable {
    private let body = Mutex<(@Sendable (Int) -> Void)?>(nil)

    func set(_ body: @escaping @Sendable (Int) -> Void) { self.body.withLock { $0 = body } }

    func tell(_ limit: Int) { body.withLock { $0 }?(limit) }
}

package struct ForwarderSettings: Sendable {
    package var service: ServiceSettings
    package var types: TypePatterns

    package init(_ service: ServiceSettings, types: TypePatterns) {
        self.service = service
        self.types = types
    }
}

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
