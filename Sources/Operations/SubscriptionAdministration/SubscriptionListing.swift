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
        /// It verified events and is not in the topic, so it comes from a replica's settings.
        case configured
        /// Its record cannot be opened or is not in our format.
        case unreadable
        /// A subscription of Notion without a known token.
        case unbound
    }

    /// Whether a subscription has been silent for longer than usual.
    package enum Quiet: String, Sendable, Encodable {
        case yes, no
        /// Too few events to tell.
        case unknown
        /// It was used before, and nothing came in the whole period.
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
        /// Nil for a subscription without a known token.
        package let fingerprint: String?
        package let name: String?
        package let state: State
        package let retiresAt: String?
        /// Why its newest record cannot be used: the end of a sentence. What was known before may still count.
        package let problem: String?
        package let workspaceID: String?
        package let workspaceName: String?
        package let subscriptionID: String?
        package let lastEventAt: String?
        /// In the period, as all that follows; nil when traffic is not known.
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
    /// The period in which events were counted; nil when traffic is not known.
    package let from: String?
    package let to: String?
    /// Whether all events of the period were counted.
    package let isComplete: Bool
    /// Events that were sent again by a replay or a redrive; they are not counted.
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

/// Derives the rows of a listing.
private struct ListingFacts {
    typealias Row = SubscriptionListing.Row

    let snapshot: SubscriptionsSnapshot
    let traffic: TrafficReport?
    let now: Int64

    /// By name, and the oldest of a name first: the order of rotation. Without any key records are trusted unopened.
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

    /// Subscriptions whose only record was refused.
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

    /// `unreadable` is why its record cannot be used, `overwritten` why the newest one cannot and the one before
    /// counts.
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

extension SubscriptionListing {
    // Limit: Notion has 31 types; more than these are not Notion's.
    private static let typesMax = 40
    private static let widthMax = 110

    /// The listing for a terminal, a line each: a table, and under each subscription its events by type.
    package var lines: [String] {
        var table = TextTable(
            [
                "FINGERPRINT", "NAME", "STATE", "WORKSPACE", "SUBSCRIPTION", "LAST EVENT", "EVENTS", "RETRIED",
                "QUIET",
            ],
            rightAligned: [6, 7]
        )
        for row in rows { table.append(row.cells) }
        let lines = table.lines
        return [lines[0]] + zip(rows, lines.dropFirst()).flatMap { row, line in [line] + Self.details(row) }
    }

    private static func details(_ row: Row) -> [String] {
        var details: [String] = []
        if let problem = row.problem {
            let rest = row.state == .unreadable ? "" : ", so the one before it counts: activate the token again"
            details.append("  its newest record \(problem)\(rest)")
        }
        let most = row.byType.sorted { ($1.value.events, $0.key) < ($0.value.events, $1.key) }
        var words = most.prefix(typesMax).map { "\(PlainText.cut($0.key, bytesMax: 60)) \($0.value.events)" }
        if most.count > typesMax { words.append("and \(most.count - typesMax) more types") }
        if let unverified = row.unverified, unverified > 0 { words.append("unverified \(unverified)") }
        var line = ""
        for word in words {
            if !line.isEmpty, line.count + word.count + 4 > widthMax {
                details.append("  \(line),")
                line = ""
            }
            line += line.isEmpty ? word : ", \(word)"
        }
        if !line.isEmpty { details.append("  \(line)") }
        return details
    }
}

extension SubscriptionListing.Row {
    fileprivate var cells: [String] {
        [
            fingerprint ?? "-", name ?? "-", state == .retiring ? "retiring on \(retiresAt ?? "-")" : state.rawValue,
            PlainText.cut(workspaceName ?? workspaceID ?? "-", bytesMax: 40),
            PlainText.cut(subscriptionID ?? "-", bytesMax: 60), lastEventAt ?? "-", events.map { "\($0)" } ?? "-",
            retriedShare, quiet == .unknown ? "-" : quiet.rawValue,
        ]
    }

    /// In percent, with one decimal.
    private var retriedShare: String {
        guard let events, let repeated, events > 0 else { return "-" }
        let thousandths = (repeated * 1000 + events / 2) / events
        return "\(thousandths / 10).\(thousandths % 10)%"
    }
}
