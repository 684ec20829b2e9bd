import NotionWebhooks
import OrderedConsumer
package import Subscriptions
import TextOutput
import Timestamps

/// From both topics. The names, in snake case, are those of its JSON.
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

    package enum Quiet: String, Sendable, Encodable {
        case yes, no, unknown
        /// It was used before, and nothing came in the whole period.
        case throughout
    }

    package struct Kind: Sendable, Equatable, Encodable {
        package let events: Int
        package let lastAt: String?
    }

    package struct Row: Sendable, Equatable, Encodable {
        /// Nil when unbound.
        package let fingerprint: String?
        package let name: String?
        package let state: State
        package let retiresAt: String?
        /// Why it could not be opened: the end of a sentence.
        package let problem: String?
        package let workspaceID: String?
        package let workspaceName: String?
        package let subscriptionID: String?
        package let lastEventAt: String?
        package let events: Int?
        package let repeated: Int?
        package let unverified: Int?
        package let medianDelayMS: Int64?
        package let quiet: Quiet
        package let byType: [String: Kind]
    }

    package let rows: [Row]
    /// The period in which events were counted; nil when traffic is not known.
    package let from: String?
    package let to: String?
    package let isComplete: Bool
    /// Events that were sent again by a replay or a redrive; they are not counted.
    package let replayed: Int

    private enum CodingKeys: String, CodingKey {
        case from, to, replayed, isComplete
        case rows = "subscriptions"
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

    package var json: String { SortedJSON.text(self, inSnakeCase: true) }

    // Limit: Notion has 31 types; more than these are not Notion's.
    private static let typesMax = 40
    private static let widthMax = 110

    package var lines: [String] {
        var table = TextTable(
            ["FINGERPRINT", "NAME", "STATE", "WORKSPACE", "SUBSCRIPTION", "LAST EVENT", "EVENTS", "RETRIED", "QUIET"],
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

    private var retriedShare: String {
        guard let events, let repeated, events > 0 else { return "-" }
        let thousandths = (repeated * 1000 + events / 2) / events
        return "\(thousandths / 10).\(thousandths % 10)%"
    }
}

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
        }.map { row($0) }
    }

    var unbound: [Row] {
        let bound = Set(snapshot.uses.values.map(\.subscriptionID))
        return (traffic?.subscriptions ?? []).filter { !bound.contains($0.subscriptionID) }
            .map { row(nil, traffic: $0) }
    }

    /// `unreadable` is why its record cannot be used, `overwritten` why the newest cannot and the one before counts.
    private func row(
        _ fingerprint: Fingerprint?,
        _ subscription: Subscription? = nil,
        unreadable: String? = nil,
        overwritten: String? = nil,
        traffic unbound: SubscriptionTraffic? = nil
    ) -> Row {
        let use = fingerprint.flatMap { snapshot.uses[$0] }
        let own = unbound ?? traffic?.subscriptions.first { $0.subscriptionID == use?.subscriptionID }
        let known = subscription.flatMap { SubscriptionListing.State(rawValue: $0.state(at: now).rawValue) }
        let state = known ?? (fingerprint == nil ? .unbound : .configured)
        let isCounted = traffic != nil && (use != nil || own != nil)
        return Row(
            fingerprint: fingerprint?.text,
            name: subscription?.name?.text,
            state: unreadable == nil ? state : .unreadable,
            retiresAt: Self.text(subscription?.retiresAt),
            problem: unreadable ?? overwritten,
            workspaceID: Self.known(use?.workspaceID) ?? Self.known(own?.workspaceID),
            workspaceName: Self.known(use?.workspaceName),
            subscriptionID: Self.known(use?.subscriptionID) ?? Self.known(own?.subscriptionID),
            lastEventAt: Self.text([use?.lastAt, own?.lastAt].compactMap(\.self).max()),
            events: isCounted ? own?.events ?? 0 : nil,
            repeated: isCounted ? own?.repeated ?? 0 : nil,
            unverified: isCounted ? own?.unverified ?? 0 : nil,
            medianDelayMS: own?.medianDelay,
            quiet: quiet(own, isCounted: isCounted),
            byType: Dictionary(
                uniqueKeysWithValues: (own?.byType ?? [:]).map { type, events in
                    (type, SubscriptionListing.Kind(events: events, lastAt: Self.text(own?.lastByType[type])))
                }
            )
        )
    }

    private static func text(_ milliseconds: Int64?) -> String? {
        milliseconds.map { Timestamp.text(milliseconds: $0) }
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
