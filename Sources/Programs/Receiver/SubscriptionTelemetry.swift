import Kafka
import Operations
import Subscriptions
import Synchronization

final class SubscriptionTelemetry: Sendable {
    private let topic: String
    private let condition: Health.Condition
    private let hasConfiguredTokens: Bool
    private let log: Log
    private let loaded: Gauge
    private let tokens: MetricFamily<Gauge>
    private let waiting: Gauge
    private let refusals: MetricFamily<Counter>
    private let failedWrites: Counter
    private let lastReason = Mutex("")

    init(topic: String, hasConfiguredTokens: Bool, metrics: MetricRegistry, health: Health, log: Log) {
        self.topic = topic
        self.hasConfiguredTokens = hasConfiguredTokens
        self.log = log
        condition = health.condition(.ready, "subscriptions", because: "\(topic) has not been read yet")
        loaded = metrics.gauge(
            "notion_relay_subscriptions_loaded",
            "1 once the subscriptions topic was read to its end; until then a signature that fits no token is 503."
        )
        tokens = metrics.gauges(
            "notion_relay_tokens",
            "Tokens that verify deliveries here, by where they come from and whether they are about to retire.",
            labels: ["source", "state"]
        )
        waiting = metrics.gauge(
            "notion_relay_subscriptions_pending",
            "Handshakes in the subscriptions topic that wait for a person."
        )
        refusals = metrics.counters(
            "notion_relay_subscription_records_refused_total",
            "Records of the subscriptions topic that could not be used, by reason.",
            labels: ["reason"]
        )
        failedWrites = metrics.counter(
            "notion_relay_subscription_writes_failed_total",
            "Records that could not be written to the subscriptions topic and are tried again."
        )
    }

    /// The topic cannot be read. Tokens of the settings go on verifying; without any the replica is not ready. Called
    /// at each attempt, and logged when the reason has changed.
    func unreadable(_ reason: String) {
        let isNews = lastReason.withLock { last in
            defer { last = reason }
            return last != reason
        }
        if isNews {
            log.error(
                "subscriptions_unreadable",
                [
                    "topic": topic, "error": reason,
                    "hint": "its tokens are unknown here; what fits no other is answered 503",
                ]
            )
        }
        if hasConfiguredTokens { condition.meet() } else { condition.hold("\(topic) cannot be read: \(reason)") }
    }

    func refused(_ record: Record, _ refusal: SubscriptionsSnapshot.Refusal) {
        refusals.with(refusal.label).increment()
        let key = String(decoding: (record.key ?? []).prefix(80), as: UTF8.self)
        log.limited(
            .error,
            "subscription_record_refused",
            [
                "topic": topic, "offset": Int(record.offset ?? -1), "key": key, "reason": refusal.description,
                "hint": "what was known of it before stays; notion-relay doctor and subscription list say more",
            ]
        )
    }

    func changed(_ keyring: Keyring) {
        log.info(
            "tokens_changed",
            ["tokens": keyring.keys.count, "fingerprints": keyring.keys.map(\.fingerprint.text).joined(separator: ",")]
        )
        for fingerprint in keyring.heldBySettings {
            log.warning(
                "retired_token_configured",
                [
                    "fingerprint": fingerprint.text,
                    "hint": "it goes on verifying here until it is taken out of this replica's settings",
                ]
            )
        }
    }

    /// Readiness and gauges. A replica without tokens waits for its first handshake: ready unless one was refused.
    func show(_ keyring: Keyring, _ snapshot: SubscriptionsSnapshot, now: Int64) {
        loaded.set(1)
        for source in [Keyring.Source.settings, .topic] {
            let keys = keyring.keys.filter { $0.source == source }
            tokens.with(source.rawValue, "active").set(keys.count { $0.retiresAt == nil })
            tokens.with(source.rawValue, "retiring").set(keys.count { $0.retiresAt != nil })
        }
        waiting.set(snapshot.handshakes.values.count { !$0.content.isExpired(at: now) })
        let refused = snapshot.refusals.first { if case .subscription = $0.key { true } else { false } }
        if keyring.keys.isEmpty, let refused {
            condition.hold("no token can be used: \(refused.key.text) in \(topic) \(refused.value)")
        } else {
            condition.meet()
        }
    }

    func notWritten(_ error: KafkaError) {
        failedWrites.increment()
        log.limited(
            .error,
            "subscriptions_not_written",
            perSecond: 1,
            ["topic": topic, "error": error.description, "hint": "it is tried again; handshakes wait in memory"]
        )
    }

    func noted(_ error: KafkaError) {
        let hint = error.remedy(toRead: topic)
        log.limited(.warning, "kafka_error", ["topic": topic, "error": error.description, "hint": hint])
    }
}
