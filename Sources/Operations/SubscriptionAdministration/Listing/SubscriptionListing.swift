import NotionWebhooks
import OrderedConsumer
package import Subscriptions
import TextOutput
import Timestamps

/// What is known of all tokens and subscriptions, from both topics: what `subscription list` shows. The names, in snake
/// case, are those of its JSON.
package struct SubscriptionListing: Sendable, Equatable, Encodable {
    package enum State: String, Sendable, Encodable {
        case active, retiring, retired
        /// It verified events and is not in the topic, so it stands in a replica's settings.
        case configured
        /// Its record cannot be opened or is none of ours.
        case unreadable
        /// A subscription of Notion's that no token is known to belong to.
        case unbound
    }

    /// Whether a subscription was silent for longer than is usual for it.
    package enum Quiet: String, Sendable, Encodable {
        case yes, no
        /// Too few events to say.
        case unknown
        /// It was used before, and in the whole stretch nothing came.
        case throughout
    }

    package struct Kind: Sendable, Equatable, Encodable {
        package let events: Int
        package let lastAt: String?

        private enum CodingKeys: String, CodingKey {
            case events
            case lastAt = "last_at"
        }
    }

    package struct Row: Sendable, Equatable, Encodable {
        /// Nil for a subscription that no token is known to belong to.
        package let fingerprint: String?
        package let name: String?
        package let state: State
        package let retiresAt: String?
        /// Why its newest record is of no use: the end of a sentence. What was known before it may still count.
        package let problem: String?
        package let workspaceID: String?
        package let workspaceName: String?
        package let subscriptionID: String?
        package let lastEventAt: String?
        /// In the stretch, as all that follows; nil when traffic is not known.
        package let events: Int?
        package let repeated: Int?
        package let unverified: Int?
        package let medianDelayMilliseconds: Int64?
        package let quiet: Quiet
        package let byType: [String: Kind]

        private enum CodingKeys: String, CodingKey {
            case fingerprint, name, state, problem, events, repeated, unverified, quiet
            case retiresAt = "retires_at"
            case workspaceID = "workspace_id"
            case workspaceName = "workspace_name"
            case subscriptionID = "subscription_id"
            case lastEventAt = "last_event_at"
            case medianDelayMilliseconds = "median_delay_ms"
            case byType = "by_type"
        }
    }

    package let rows: [Row]
    /// The stretch that events were counted in; nil when traffic is not known.
    package let from: String?
    package let to: String?
    /// Whether all events of the stretch were counted.
    package let isComplete: Bool
    /// Events that were sent again by a replay or a redrive, which do not count.
    package let replayed: Int

    private enum CodingKeys: String, CodingKey {
        case from, to, replayed
        case rows = "subscriptions"
        case isComplete = "is_complete"
    }

    /// Either topic may be missing: then there is no `snapshot`, or no `traffic`. `now` is in milliseconds since 1970.
    package init(_ snapshot: SubscriptionsSnapshot?, _ traffic: TrafficReport?, now: Int64, hasKeys: Bool) {
        let facts = ListingFacts(snapshot: snapshot ?? SubscriptionsSnapshot(), traffic: traffic, now: now)
        rows = facts.subscriptions(hasKeys: hasKeys) + facts.refused + facts.configured + facts.unbound
        from = traffic.map { Timestamp.text(milliseconds: $0.from) }
        to = traffic.map { Timestamp.text(milliseconds: $0.to) }
        isComplete = traffic?.isComplete ?? false
        replayed = traffic?.replayed ?? 0
    }

    /// One JSON object with sorted names. What is not known is left out.
    package var json: String { SortedJSON.text(self) }
}

/// What the rows of a listing are made of.
private struct ListingFacts {
    typealias Row = SubscriptionListing.Row

    let snapshot: SubscriptionsSnapshot
    let traffic: TrafficReport?
    let now: Int64

    /// By name, and the oldest of a name first: the order in which it was rotated. Without any key records are taken at
    /// their word.
    func subscriptions(hasKeys: Bool) -> [Row] {
        let sorted = snapshot.subscriptions.sorted { one, other in
            let (first, second) = (one.value.content, other.value.content)
            return (first.name?.text ?? "", first.activatedAt, one.key)
                < (second.name?.text ?? "", second.activatedAt, other.key)
        }
        return sorted.map { fingerprint, entry in
            switch entry.token {
            case .failure(let error): return row(fingerprint, entry.content, unreadable: hasKeys ? "\(error)" : nil)
            case .success:
                let refusal = snapshot.refusals[.subscription(fingerprint)]
                return row(fingerprint, entry.content, overwritten: refusal.map { "\($0)" })
            }
        }
    }

    /// Subscriptions whose only record is none.
    var refused: [Row] {
        snapshot.refusals.sorted { $0.key.text < $1.key.text }.compactMap { key, refusal in
            guard case .subscription(let fingerprint) = key, snapshot.subscriptions[fingerprint] == nil else {
                return nil
            }
            return row(fingerprint, nil, unreadable: refusal.description)
        }
    }

    var configured: [Row] {
        snapshot.uses.keys.sorted().filter { fingerprint in
            snapshot.subscriptions[fingerprint] == nil && snapshot.refusals[.subscription(fingerprint)] == nil
        }.map { row($0, nil) }
    }

    var unbound: [Row] {
        let bound = Set(snapshot.uses.values.map(\.subscriptionID))
        return (traffic?.subscriptions ?? []).filter { !bound.contains($0.subscriptionID) }
            .map { row(nil, state: .unbound, traffic: $0) }
    }

    /// `unreadable` is why its record is of no use, `overwritten` why the newest one is not and the one before counts.
    private func row(
        _ fingerprint: Fingerprint,
        _ subscription: Subscription?,
        unreadable: String? = nil,
        overwritten: String? = nil
    ) -> Row {
        let use = snapshot.uses[fingerprint]
        let own = traffic?.subscriptions.first { $0.subscriptionID == use?.subscriptionID }
        let state = subscription.flatMap { SubscriptionListing.State(rawValue: $0.state(at: now).rawValue) }
        return row(
            fingerprint.text,
            subscription,
            state: unreadable == nil ? state ?? .configured : .unreadable,
            problem: unreadable ?? overwritten,
            use: use,
            traffic: own
        )
    }

    private func row(
        _ fingerprint: String?,
        _ subscription: Subscription? = nil,
        state: SubscriptionListing.State,
        problem: String? = nil,
        use: TokenUse? = nil,
        traffic own: SubscriptionTraffic?
    ) -> Row {
        let lastAt = [use?.lastAt, own?.lastAt].compactMap(\.self).max()
        let isCounted = traffic != nil && (use != nil || own != nil)
        let types = own?.byType ?? [:]
        return Row(
            fingerprint: fingerprint,
            name: subscription?.name?.text,
            state: state,
            retiresAt: subscription?.retiresAt.map { Timestamp.text(milliseconds: $0) },
            problem: problem,
            workspaceID: Self.known(use?.workspaceID) ?? Self.known(own?.workspaceID),
            workspaceName: Self.known(use?.workspaceName),
            subscriptionID: Self.known(use?.subscriptionID) ?? Self.known(own?.subscriptionID),
            lastEventAt: lastAt.map { Timestamp.text(milliseconds: $0) },
            events: isCounted ? own?.events ?? 0 : nil,
            repeated: isCounted ? own?.repeated ?? 0 : nil,
            unverified: isCounted ? own?.unverified ?? 0 : nil,
            medianDelayMilliseconds: own?.medianDelay,
            quiet: quiet(own, isCounted: isCounted),
            byType: Dictionary(
                uniqueKeysWithValues: types.map { type, events in
                    let last = own?.lastByType[type].map { Timestamp.text(milliseconds: $0) }
                    return (type, SubscriptionListing.Kind(events: events, lastAt: last))
                }
            )
        )
    }

    private func quiet(_ own: SubscriptionTraffic?, isCounted: Bool) -> SubscriptionListing.Quiet {
        guard let own else { return isCounted ? .throughout : .unknown }
        if own.isQuiet(at: now) { return .yes }
        return own.isSteady ? .no : .unknown
    }

    private static func known(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return PlainText.cut(text, bytesMax: 128)
    }
}
