import Kafka
import Operations

/// What operators are told of the topics and the rights on them: log lines, readiness, a gauge.
final class AccessTelemetry: Sendable {
    static let unread = "the topics' settings have not been read yet"

    private let log: Log
    private let publishing: Health.Condition
    private let deadLetters: Health.Condition
    private let suspended: Gauge

    init(_ metrics: MetricRegistry, _ health: Health, _ log: Log) {
        self.log = log
        publishing = health.condition(.ready, "publishing", because: Self.unread)
        deadLetters = health.condition(.ready, "dead letters", because: Self.unread)
        suspended = metrics.gauge(
            "notion_relay_publishing_suspended",
            "1 while Kafka refuses this user's records for good, and deliveries are answered 503 at once."
        )
    }

    /// A nil is a condition that is met.
    func show(publishing reason: String?, deadLetters trouble: String?, isSuspended: Bool) {
        if let reason { publishing.hold(reason) } else { publishing.meet() }
        if let trouble { deadLetters.hold(trouble) } else { deadLetters.meet() }
        suspended.set(isSuspended ? 1 : 0)
    }

    /// One line for each attempt, whose pauses grow to a minute.
    func refused(_ error: KafkaError, _ topic: String, _ role: KafkaAccess.TopicRole, nextInMilliseconds: Int64) {
        log.error(
            "kafka_refuses",
            [
                "topic": topic, "error": error.description, "next_try": Duration.milliseconds(nextInMilliseconds),
                "effect": role == .events ? "deliveries are answered 503" : "dead letters are answered 503",
                "hint": error.remedy(toWrite: topic),
            ]
        )
    }

    func resumed(_ topic: String, _ role: KafkaAccess.TopicRole) { log.info("kafka_accepts", ["topic": topic]) }

    /// What is wrong with a topic, or (nil) no longer is.
    func topic(_ topic: String, _ role: KafkaAccess.TopicRole, trouble: String?) {
        guard let trouble else { return log.info("topic_in_order", ["topic": topic]) }
        let effect =
            switch role {
            case .events: "Kafka deletes all but the newest record of each entity"
            case .deadLetters: "deliveries that cannot be understood may be lost, or are answered 503"
            }
        log.warning("topic_in_trouble", ["topic": topic, "trouble": trouble, "effect": effect])
    }
}
