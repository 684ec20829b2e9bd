import Kafka
import NotionEvents
package import Operations
package import OrderedConsumer
import OutgoingWebhooks
import Synchronization

/// Gives events to a service: each as a signed request, as many at once as the service bears.
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

    /// Calls `body` with the number of requests that may be under way, now and whenever it changes.
    package func followLimit(_ body: @escaping @Sendable (Int) -> Void) {
        follower.set(body)
        let limit = poster.limit
        metrics.note(.limit(limit))
        body(limit)
    }

    /// One attempt with one event: the handler of a consumer.
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

    /// Ends the client; requests under way fail.
    package func close() { poster.close() }

    private static func type(of consumed: ConsumedRecord) -> String {
        TypePatterns.type(ofHeader: consumed.record.header("ce_type"))
    }

    private static func verdict(_ verdict: AnswerVerdict) -> Verdict {
        switch verdict {
        case .done: .done
        case .retry(let after, _, let message): .retry(message, after: after)
        case .deadLetter(let reason, let message):
            .deadLetter(DeadLetterReason(reason) ?? .handler, message)
        }
    }
}

/// Who is told of the limit; nobody at first, since the consumer is made after its handler.
private final class LimitFollower: Sendable {
    private let body = Mutex<(@Sendable (Int) -> Void)?>(nil)

    func set(_ body: @escaping @Sendable (Int) -> Void) { self.body.withLock { $0 = body } }

    func tell(_ limit: Int) { body.withLock { $0 }?(limit) }
}
