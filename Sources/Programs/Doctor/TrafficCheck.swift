import Kafka
import NotionEvents
import NotionWebhooks
import SubscriptionAdministration

struct TrafficFacts: Sendable, Equatable {
    var report: TrafficReport
    /// Dead letters of the edge in the same time; nil when they could not be counted.
    var deadLetters: DeadLetters?

    var byType: [String: Int] {
        report.subscriptions.reduce(into: [:]) { sum, next in sum.merge(next.byType, uniquingKeysWith: +) }
    }

    var lastAt: Int64? { report.subscriptions.filter { $0.events > 0 }.map(\.lastAt).max() }

    func count(_ prefix: String) -> Int { byType.reduce(0) { $0 + ($1.key.hasPrefix(prefix) ? $1.value : 0) } }
}

struct DeadLetters: Sendable, Equatable {
    let count: Int
    /// Reasons of some of the newest, the most frequent first.
    var reasons: [String] = []
}

extension DeadLetters {
    init(count: Int, records: [Record]) {
        var tally: [String: Int] = [:]
        for record in records {
            guard let bytes = record.header(DeadLetterRecord.reasonHeader), bytes.count <= 64,
                let text = String(validating: bytes, as: UTF8.self), DeliveryError(rawValue: text) != nil
            else { continue }
            tally[text, default: 0] += 1
        }
        self.init(count: count, reasons: tally.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key))
    }
}

struct RecentEvents: Sendable, Equatable {
    struct Entity: Sendable, Hashable {
        let kind: String
        let id: String
    }

    var newestAt: Int64?
    /// One of each kind at most, the newest.
    var entities: [Entity] = []

    var page: Entity? { entities.first { $0.kind == "page" } }
}

extension RecentEvents {
    /// The newest of each kind by `ce_subject`, which is `page/<id>`; deleted entities are left out.
    init(_ records: [Record]) {
        self.init()
        var newest: [String: (id: String, at: Int64)] = [:]
        for record in records {
            guard let time = record.timestampMilliseconds else { continue }
            newestAt = max(newestAt ?? time, time)
            guard let subject = Self.text(record.header("ce_subject")), let type = Self.text(record.header("ce_type")),
                !type.hasSuffix(".deleted")
            else { continue }
            let parts = subject.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, Self.kinds.contains(parts[0]), Self.isID(parts[1]) else { continue }
            if time >= newest[parts[0]]?.at ?? .min { newest[parts[0]] = (parts[1], time) }
        }
        entities = newest.sorted { $0.key < $1.key }.map { Entity(kind: $0.key, id: $0.value.id) }
    }

    private static let kinds: Set<String> = ["page", "database", "data_source"]

    private static func text(_ bytes: [UInt8]?) -> String? {
        guard let bytes, bytes.count <= 256 else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// It becomes part of an address, so nothing but a UUID will do.
    private static func isID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return CanonicalID(bytes.span)?.bytes == bytes
    }
}

struct TrafficCheck {
    private static let fresh: Int64 = 300_000
    // Limit: an installation has tens of subscriptions; of more, only the latest are listed.
    private static let listedMax = 20

    private let facts: TrafficFacts
    private let settings: DoctorSettings
    private let now: Int64
    private var found = Findings(.traffic, texts)

    static func findings(
        _ facts: TrafficFacts,
        _ settings: DoctorSettings,
        commentsAllowed: Bool?,
        now: Int64
    ) -> [Finding] {
        var check = TrafficCheck(facts: facts, settings: settings, now: now)
        let subscriptions = facts.report.subscriptions.filter { $0.events > 0 }.sorted { $0.lastAt > $1.lastAt }
        if subscriptions.isEmpty { check.found.add("no_events", about: settings.topic, ["window": check.window]) }
        for subscription in subscriptions.prefix(listedMax) { check.subscription(subscription) }
        if subscriptions.count > listedMax {
            check.found.add("more_subscriptions", ["count": subscriptions.count - listedMax])
        }
        if !subscriptions.isEmpty {
            if commentsAllowed == nil { check.comments() }
            check.aggregation()
        }
        if !facts.report.isComplete {
            let values: [String: any CustomStringConvertible] = [
                "count": facts.report.recordsRead, "window": check.window,
            ]
            check.found.add("traffic_cut", about: settings.topic, values)
        }
        check.deadLetters()
        return check.found.all
    }

    private var window: String { Words.span((now - facts.report.from).magnitude) }

    private mutating func subscription(_ subscription: SubscriptionTraffic) {
        let name = subscription.subscriptionID.isEmpty ? "unnamed subscription" : subscription.subscriptionID
        let events = Words.count(subscription.events, "event")
        let last = Words.time(subscription.lastAt, now: now)
        if subscription.isQuiet(at: now) {
            let silence = Words.span(subscription.longestSilence.magnitude)
            found.add("subscription_silent", about: name, ["last": last, "silence": silence])
        } else {
            let types = subscription.byType.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(4)
            let list = types.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            found.add("subscription_events", about: name, ["events": events, "last": last, "types": list])
        }
        if subscription.repeated * 20 > subscription.events {
            let percent = (subscription.repeated * 100 + subscription.events / 2) / max(1, subscription.events)
            found.add("repeated_attempts", about: name, ["percent": percent])
        }
        if subscription.unverified > 0 {
            let events = Words.count(subscription.unverified, "event")
            found.add("unverified_events", about: name, ["events": events])
        }
    }

    /// Comments need a capability of their own; without it their events are missing and no error says so.
    private mutating func comments() {
        let pages = facts.count("page.")
        guard facts.count("comment.") == 0, pages > 0 else { return }
        found.add("no_comment_events", ["events": Words.count(pages, "page event")])
    }

    /// Aggregated events come late, and are easily believed to be missing.
    private mutating func aggregation() {
        let aggregated = facts.report.subscriptions.flatMap { subscription in
            subscription.lastByType.filter { DeliveryType($0.key).isAggregated == true }.map(\.value)
        }
        guard aggregated.max().map({ now - $0 < Self.fresh }) ?? true else { return }
        let delays = facts.report.subscriptions.compactMap(\.medianDelay).sorted()
        let median =
            delays.isEmpty ? "" : "; here the median delay was \(Words.span(delays[delays.count / 2].magnitude))"
        found.add("aggregation_delay", ["median": median])
    }

    private mutating func deadLetters() {
        guard let letters = facts.deadLetters, letters.count > 0 else { return }
        let values = [
            "records": Words.count(letters.count, "delivery record"), "window": window,
            "reasons": letters.reasons.isEmpty ? "" : ": \(letters.reasons.joined(separator: ", "))",
            "topic": settings.deadLetterTopic,
        ]
        found.add("dead_letters", about: settings.deadLetterTopic, values)
    }

    static let texts = CheckTexts(
        """
        no_events unknown troubleshooting
          no event came in the last {window}
          No event reached the topic: nothing happened that the connection has access to and that is subscribed to, \
        or the subscription is not active, or deliveries do not arrive (see url) or cannot be verified (see tokens \
        and edge).
          Look at the subscription in Notion's Webhooks tab: is it active, and is its URL this edge's? Then comment \
        on a page that the connection has access to; that event comes within seconds.
        subscription_events ok
          {events}, last {last}: {types}
        subscription_silent warning troubleshooting
          silent for longer than usual: last event {last}, longest silence before {silence}
          Notion may have paused the subscription, a filter may drop its events, it may have been deleted, or nobody \
        is working. Only Notion's Webhooks tab shows which.
          Look at its status in the Webhooks tab. If it is paused, first fix the findings of edge and url, then \
        resume it; events of the pause may be lost.
        more_subscriptions ok
          and {count} more subscriptions
        repeated_attempts warning delivery
          {percent} % of the events took more than one attempt
          Deliveries were refused, or answered too late. When too many fail, Notion pauses the subscription and mails \
        the connection's owner.
          Look at notion_relay_deliveries_total by outcome, and at the edge's log for that time.
        unverified_events warning signature
          {events} came without a signature
          They were accepted because of --signature optional; anybody may have sent them.
          Set --signature required, and let consumers skip records with ce_verified: false.
        no_comment_events unknown capabilities
          {events} came, and no comment events
          Either nobody comments, or comment events are not subscribed to, or the connection lacks the capability \
        "read comments", without which Notion sends none and reports no error.
          Look at the Capabilities section of the connection, or let doctor ask with --api-token-file.
        aggregation_delay ok
          page.content_updated and other aggregated events come after a minute or more{median}
        traffic_cut ok
          only the newest {count} records of the last {window} were read
        dead_letters warning
          {records} in the last {window}{reasons}
          Notion sent them and they were verified, but they could not be understood, so they were not published as \
        events.
          notion-relay tail --topic {topic} --from beginning shows them; replay --renormalize publishes those that a \
        newer version understands.
        """
    )
}
