import NotionWebhooks
import Operations
package import Subscriptions
import Synchronization

/// What this replica has seen of each token's deliveries, for its metrics, the operations port and the topic.
package final class TokenUses: Sendable {
    private let state = Mutex<[Fingerprint: TokenUse]>([:])
    private let counters: MetricFamily<Counter>
    private let log: Log

    init(_ metrics: MetricRegistry, _ log: Log) {
        self.log = log
        counters = metrics.counters(
            "notion_relay_token_deliveries_total",
            "Deliveries that a token verified and that were understood, by fingerprint and subscription's name.",
            labels: ["fingerprint", "name"]
        )
        let lastUsed = metrics.gauges(
            "notion_relay_token_last_used_timestamp_seconds",
            "When a token last verified a delivery here, within ten seconds, in seconds since 1970.",
            labels: ["fingerprint"]
        )
        metrics.beforeScrape { [self] in
            for (fingerprint, use) in seen { lastUsed.with(fingerprint.text).set(Double(use.lastAt) / 1000) }
        }
    }

    func deliveries(of key: Keyring.Key) -> Counter {
        counters.with(key.fingerprint.text, key.name?.text ?? "")
    }

    package var seen: [Fingerprint: TokenUse] { state.withLock { $0 } }

    /// A token's first delivery, or another one after a while.
    func note(_ fingerprint: Fingerprint, _ delivery: borrowing Delivery, at now: Int64) {
        let use = TokenUse(
            subscriptionID: Self.short(delivery.subscriptionID),
            workspaceID: Self.short(delivery.workspaceID),
            workspaceName: Self.short(delivery.workspaceName),
            integrationID: Self.short(delivery.integrationID),
            firstAt: now,
            lastAt: now
        )
        let before = state.withLock { state in
            let before = state[fingerprint]
            var next = use
            if let before, before.subscriptionID == use.subscriptionID { next.firstAt = before.firstAt }
            state[fingerprint] = next
            return before
        }
        guard let before, before.subscriptionID != use.subscriptionID else { return }
        log.limited(
            .warning,
            "token_of_two_subscriptions",
            perSecond: 1,
            [
                "fingerprint": fingerprint.text, "before": before.subscriptionID, "now": use.subscriptionID,
                "hint": "Notion gives each subscription a token of its own; the events are published all the same",
            ]
        )
    }

    // Limit: an id has 36 bytes, and a workspace's name is cut to what a table can show.
    private static func short(_ text: String?) -> String {
        String((text ?? "").prefix(100))
    }
}
