import Timestamps

/// The result of one check: its level, what it means and what to do.
package struct Finding: Sendable, Equatable {
    /// What was examined, in the order in which findings are shown.
    package enum Area: String, CaseIterable, Sendable, Encodable {
        case kafka, topics, tokens, clock, traffic, url, edge, api, notion
    }

    package enum Level: String, CaseIterable, Sendable, Encodable {
        case ok, warning, error
        /// Only a person can tell, in Notion or on another machine.
        case unknown
    }

    package let area: Area
    /// A stable name for programs: `topic_missing`.
    package let check: String
    package let level: Level
    /// What the finding is about: a topic, a subscription's id, an address. May come from outside.
    package let subject: String
    /// One sentence.
    package let title: String
    /// Empty when the level is `ok`, as are the next two.
    package let meaning: String
    package let advice: String
    package let link: GuideLink?

    package init(
        _ area: Area,
        _ check: String,
        _ level: Level,
        _ subject: String,
        _ title: String,
        meaning: String = "",
        advice: String = "",
        link: GuideLink? = nil
    ) {
        self.area = area
        self.check = check
        self.level = level
        self.subject = subject
        self.title = title
        self.meaning = meaning
        self.advice = advice
        self.link = link
    }

    /// The area could not be read.
    static func notRead(_ area: Area, _ subject: String, _ reason: String) -> Finding {
        Finding(
            area,
            "\(area.rawValue)_not_read",
            .warning,
            subject,
            "could not be read: \(reason)",
            meaning: "The checks that need it were left out.",
            advice: "Run doctor again. If it still fails, allow more time with --timeout, or resolve the reason above."
        )
    }

    /// The area was left out because of another finding.
    static func notChecked(_ area: Area, _ subject: String, because reason: String) -> Finding {
        Finding(
            area,
            "\(area.rawValue)_not_checked",
            .unknown,
            subject,
            "not checked: \(reason)",
            meaning: "The checks that need it were left out.",
            advice: "Fix that first, then run doctor again."
        )
    }
}

extension Finding: Encodable {
    private enum CodingKeys: String, CodingKey {
        case area, check, level, subject, title, meaning
        case advice = "do"
        case link
    }
}

/// Where Notion's guide says more.
package enum GuideLink: String, CaseIterable, Sendable, Encodable {
    case create = "https://developers.notion.com/reference/webhooks#step-1-creating-a-webhook-subscription"
    case verify = "https://developers.notion.com/reference/webhooks#step-2-verifying-the-subscription"
    case signature = "https://developers.notion.com/reference/webhooks#step-3-validating-event-payloads-recommended"
    case troubleshooting = "https://developers.notion.com/reference/webhooks#troubleshooting-tips"
    case delivery = "https://developers.notion.com/reference/webhooks-events-delivery#event-delivery"
    case capabilities = "https://developers.notion.com/reference/capabilities"
    case limits = "https://developers.notion.com/reference/request-limits"
    case statusCodes = "https://developers.notion.com/reference/status-codes"
}

/// Numbers and times as findings state them.
enum Words {
    /// A length of time in its largest unit: `90 s`, `5 minutes`.
    static func span(_ milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1_000
        switch seconds {
        case 0: return "\(milliseconds) ms"
        case 1..<120: return "\(seconds) s"
        case 120..<7_200: return "\(seconds / 60) minutes"
        case 7_200..<172_800: return "\(seconds / 3_600) hours"
        default: return "\(seconds / 86_400) days"
        }
    }

    /// The time and how far away it is: `… (3 days ago)`, `… (in 2 hours)`.
    static func time(_ then: Int64, now: Int64) -> String {
        let length = span((now - then).magnitude)
        return "\(Timestamp.text(milliseconds: then)) (\(now >= then ? "\(length) ago" : "in \(length)"))"
    }

    /// `1 record`, `2 records`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
