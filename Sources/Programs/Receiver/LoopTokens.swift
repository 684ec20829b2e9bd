import HTTPFraming
import NotionWebhooks
import Operations
package import Subscriptions
import Synchronization

/// The active tokens as one loop uses them: a verifier for each path, made anew when the active tokens change. Confined
/// to the loop's thread. At the path of the settings every token verifies; below it, at a subscription's name, the
/// tokens of that name.
final class LoopTokens {
    enum Match {
        /// The path of the settings, or that of a subscription: an index into `endpoints`.
        case endpoint(Int)
        /// The path that a subscription of this name would have, but no token has that name.
        case unknownSubscription(SubscriptionName)
        case notFound
    }

    struct Endpoint {
        let nameBytes: [UInt8]
        let name: SubscriptionName?
        let verifier: SignatureVerifier
        let keys: [Int]
    }

    /// What is counted and noted of one token's deliveries.
    private struct Usage {
        let key: Keyring.Key
        let deliveries: Counter
        var nextNoteAt: Int64 = 0
    }

    // Limit: a note makes some strings; one every ten seconds is enough to see that a token is used.
    private static let noteMilliseconds: Int64 = 10_000

    private let activeTokens: ActiveTokens
    private let uses: TokenUses
    /// The path of the settings, without a slash at its end.
    private let base: [UInt8]
    private var version = -1
    private(set) var endpoints: [Endpoint] = []
    private var usages: [Usage] = []

    init(path: String, activeTokens: ActiveTokens, uses: TokenUses) {
        self.activeTokens = activeTokens
        self.uses = uses
        base = Array(path.utf8.last == UInt8(ascii: "/") ? path.utf8.dropLast() : path.utf8[...])
    }

    /// Which endpoint a request's path names. One slash at its end changes nothing: a URL in Notion cannot be corrected
    /// once it is verified. Renews the verifiers first if the active tokens have changed.
    func match(_ path: Span<UInt8>) -> Match {
        if activeTokens.version != version { renew() }
        guard path.count >= base.count, Self.begins(path, with: base) else { return .notFound }
        let slash = UInt8(ascii: "/")
        let end = path.count > base.count && path[path.count - 1] == slash ? path.count - 1 : path.count
        if end == base.count { return .endpoint(0) }
        let start = base.count + 1
        guard start < end, path[start - 1] == slash, end - start <= SubscriptionName.lengthBytesMax else {
            return .notFound
        }
        let name = path.extracting(start..<end)
        for index in 1..<endpoints.count where name.count == endpoints[index].nameBytes.count {
            if Self.begins(name, with: endpoints[index].nameBytes) { return .endpoint(index) }
        }
        return SubscriptionName(name.text).map { .unknownSubscription($0) } ?? .notFound
    }

    private static func begins(_ bytes: Span<UInt8>, with other: [UInt8]) -> Bool {
        for index in other.indices where bytes[index] != other[index] { return false }
        return true
    }

    private func renew() {
        version = activeTokens.version
        let keys = activeTokens.keyring.keys
        usages = keys.map { key in
            let earlier = usages.first { $0.key.fingerprint == key.fingerprint }?.nextNoteAt ?? 0
            return Usage(key: key, deliveries: uses.deliveries(of: key), nextNoteAt: earlier)
        }
        endpoints = [Self.endpoint(nil, keys)] + Set(keys.compactMap(\.name)).sorted().map { Self.endpoint($0, keys) }
    }

    private static func endpoint(_ name: SubscriptionName?, _ keys: [Keyring.Key]) -> Endpoint {
        let wanted = keys.indices.filter { name == nil || keys[$0].name == name }
        return Endpoint(
            nameBytes: Array((name?.text ?? "").utf8),
            name: name,
            verifier: SignatureVerifier(tokens: wanted.map { keys[$0].token }),
            keys: wanted
        )
    }

    /// Counts a delivery that a token of this endpoint verified and that was understood.
    func note(_ delivery: borrowing Delivery, by tokenIndex: Int, at endpoint: Int, now: Int64) {
        let index = endpoints[endpoint].keys[tokenIndex]
        usages[index].deliveries.increment()
        guard now >= usages[index].nextNoteAt else { return }
        usages[index].nextNoteAt = now + Self.noteMilliseconds
        uses.note(usages[index].key.fingerprint, delivery, at: now)
    }
}

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

    func deliveries(of key: Keyring.Key) -> Counter { counters.with(key.fingerprint.text, key.name?.text ?? "") }

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
    private static func short(_ text: String?) -> String { String((text ?? "").prefix(100)) }
}
