import NotionWebhooks
import SubscriptionAdministration
import Subscriptions

/// Says what the events that came, and those that did not, tell.
struct TrafficJudge {
    private static let fresh: Int64 = 300_000
    // Limit: an installation has tens of subscriptions; a topic with more is summed up.
    private static let shownMax = 20

    let facts: TrafficFacts
    let settings: DoctorSettings
    /// Whether Notion's API has said that comments may be read.
    let commentsAllowed: Bool?
    let now: Int64
    private var found: [Finding] = []

    static func findings(
        _ facts: TrafficFacts,
        _ settings: DoctorSettings,
        commentsAllowed: Bool?,
        now: Int64
    ) -> [Finding] {
        var judge = TrafficJudge(facts: facts, settings: settings, commentsAllowed: commentsAllowed, now: now)
        judge.judge()
        return judge.found
    }

    private init(facts: TrafficFacts, settings: DoctorSettings, commentsAllowed: Bool?, now: Int64) {
        self.facts = facts
        self.settings = settings
        self.commentsAllowed = commentsAllowed
        self.now = now
    }

    private var window: String { Words.span((now - facts.report.from).magnitude) }

    private mutating func judge() {
        let subscriptions = facts.report.subscriptions.filter { $0.events > 0 }.sorted { $0.lastAt > $1.lastAt }
        if subscriptions.isEmpty { nothing() }
        for subscription in subscriptions.prefix(Self.shownMax) { judge(subscription) }
        if subscriptions.count > Self.shownMax {
            add("more_subscriptions", .ok, "", "and \(subscriptions.count - Self.shownMax) more subscriptions")
        }
        if !subscriptions.isEmpty {
            comments()
            aggregation()
        }
        if !facts.report.isComplete {
            add(
                "traffic_cut",
                .ok,
                settings.topic,
                "only the newest \(facts.report.recordsRead) records of the last \(window) were looked at"
            )
        }
        deadLetters()
    }

    private mutating func add(
        _ check: String,
        _ level: Finding.Level,
        _ subject: String,
        _ title: String,
        meaning: String = "",
        advice: String = "",
        link: GuideLink? = nil
    ) {
        found.append(Finding(.traffic, check, level, subject, title, meaning: meaning, advice: advice, link: link))
    }

    private mutating func nothing() {
        add(
            "no_events",
            .unknown,
            settings.topic,
            "no event came in the last \(window)",
            meaning: "Nothing has reached the topic: nothing happened that the connection has access to and that is "
                + "ticked, or the subscription is not active, or deliveries do not arrive (see url) or do not verify "
                + "(see tokens and edge).",
            advice: "Look at the subscription in Notion's Webhooks tab: is it active, and is its URL this edge's? Then "
                + "comment on a page that the connection has access to; that event comes within seconds.",
            link: .troubleshooting
        )
    }

    private mutating func judge(_ subscription: SubscriptionTraffic) {
        let name = subscription.subscriptionID.isEmpty ? "unnamed subscription" : subscription.subscriptionID
        let last = Words.time(subscription.lastAt, now: now)
        if subscription.isQuiet(at: now) {
            add(
                "subscription_silent",
                .warning,
                name,
                "silent for longer than usual: last event \(last), longest silence before "
                    + Words.span(subscription.longestSilence.magnitude),
                meaning: "Probably Notion has paused the subscription, or its events are filtered, or it was deleted; "
                    + "or nobody works. Only Notion's Webhooks tab shows which.",
                advice: "Look at its status in the Webhooks tab. If it is paused, mend what edge and url say first, "
                    + "then resume it; what happened meanwhile may not come any more.",
                link: .troubleshooting
            )
        } else {
            let types = subscription.byType.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(4)
            let list = types.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            let count = Words.count(subscription.events, "event")
            add("subscription_events", .ok, name, "\(count), last \(last): \(list)")
        }
        if subscription.repeated * 20 > subscription.events {
            add(
                "repeated_attempts",
                .warning,
                name,
                "\(Words.percent(subscription.repeated, of: subscription.events)) of the events took more than one try",
                meaning: "Deliveries were refused, or answered too late. Notion pauses subscriptions whose receiver "
                    + "keeps failing.",
                advice: "Look at notion_relay_deliveries_total by outcome and at the edge's log for that time.",
                link: .delivery
            )
        }
        if subscription.unverified > 0 {
            add(
                "unverified_events",
                .warning,
                name,
                "\(Words.count(subscription.unverified, "event")) came without a signature",
                meaning: "They passed because of --signature optional; anybody may have sent them.",
                advice: "Set --signature required, and let consumers leave out what has ce_verified: false.",
                link: .signature
            )
        }
    }

    /// Comments have a capability of their own, and miss silently without it.
    private mutating func comments() {
        let pages = facts.count("page.")
        guard facts.count("comment.") == 0, pages > 0, commentsAllowed == nil else { return }
        add(
            "no_comment_events",
            .unknown,
            "",
            "\(Words.count(pages, "page event")) came, and none of comments",
            meaning: "Either nobody comments, or comment events are not ticked, or the connection lacks the capability "
                + "\"read comments\", without which they are not sent and nothing is said.",
            advice: "Look at the Capabilities section of the connection, or let doctor ask with --api-token-file.",
            link: .capabilities
        )
    }

    /// What is gathered comes late, which is easily taken for missing.
    private mutating func aggregation() {
        let gathered = facts.report.subscriptions.flatMap { subscription in
            subscription.lastByType.filter { DeliveryType($0.key).isAggregated == true }.map(\.value)
        }
        guard gathered.max().map({ now - $0 < Self.fresh }) ?? true else { return }
        let delays = facts.report.subscriptions.compactMap(\.medianDelay).sorted()
        let typical = delays.isEmpty ? "" : "; events took \(Words.span(delays[delays.count / 2].magnitude)) typically"
        add(
            "aggregation_delay",
            .ok,
            "",
            "page.content_updated and others that Notion gathers come after a minute or more" + typical,
            link: .delivery
        )
    }

    private mutating func deadLetters() {
        guard let letters = facts.deadLetters, letters.count > 0 else { return }
        let reasons = letters.reasons.isEmpty ? "" : ": \(letters.reasons.joined(separator: ", "))"
        add(
            "dead_letters",
            .warning,
            settings.deadLetterTopic,
            "\(Words.count(letters.count, "delivery record")) in the last \(window)\(reasons)",
            meaning: "Notion sent them, they verified, and they could not be understood, so they are no events.",
            advice: "notion-relay tail --topic \(settings.deadLetterTopic) --from beginning shows them; replay "
                + "--renormalize sends what a newer version understands."
        )
    }
}
