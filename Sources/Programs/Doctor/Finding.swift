import TextOutput
import Timestamps

package struct Finding: Sendable, Equatable, Encodable {
    /// What was examined, in the order in which findings are shown.
    package enum Area: String, CaseIterable, Sendable, Encodable {
        case kafka, topics, tokens, clock, traffic, url, edge, api, notion
    }

    package enum Level: String, CaseIterable, Sendable, Encodable {
        case ok, warning, error, unknown
    }

    package let area: Area
    package let check: String
    package let level: Level
    /// What the finding is about: a topic, a subscription's id, an address. May come from outside.
    package let subject: String
    package let title: String
    /// Empty when the level is `ok`, as are the next two.
    package var meaning = ""
    package var advice = ""
    package var link: GuideLink?

    static func notRead(_ area: Area, _ subject: String, _ reason: String) -> Finding {
        Finding(
            area: area,
            check: "\(area.rawValue)_not_read",
            level: .warning,
            subject: subject,
            title: "could not be read: \(reason)",
            meaning: "The checks that need it were left out.",
            advice: "Run doctor again. If it still fails, allow more time with --timeout, or resolve the reason above."
        )
    }

    static func notChecked(_ area: Area, _ subject: String, because reason: String) -> Finding {
        Finding(
            area: area,
            check: "\(area.rawValue)_not_checked",
            level: .unknown,
            subject: subject,
            title: "not checked: \(reason)",
            meaning: "The checks that need it were left out.",
            advice: "Fix that first, then run doctor again."
        )
    }

    private enum CodingKeys: String, CodingKey {
        case area, check, level, subject, title, meaning
        case advice = "do"
        case link
    }
}

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
        let length = span(Timestamp.elapsed(from: then, to: now).magnitude)
        return "\(Timestamp.text(milliseconds: then)) (\(now >= then ? "\(length) ago" : "in \(length)"))"
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

/// What an area's checks say. A row begins with the check's name (and, behind a slash, its case), its level and, where
/// Notion's guide says more, the name of a `GuideLink`. Below, indented, are title, meaning and advice, each on one
/// line; a check that is `ok` has only a title. `{name}` is for a value.
struct CheckTexts {
    struct Row: Equatable {
        let name: String
        let level: Finding.Level
        let link: GuideLink?
        let title: String
        let meaning: String
        let advice: String

        var check: String { String(name.prefix { $0 != "/" }) }

        fileprivate init(_ lines: [String]) {
            let words = lines[0].split(separator: " ").map(String.init)
            guard words.count >= 2, let level = Finding.Level(rawValue: words[1]) else {
                preconditionFailure("a row begins with a name and a level: \(lines[0])")
            }
            name = words[0]
            self.level = level
            link = words.count > 2 ? GuideLink.allCases.first { "\($0)" == words[2] } : nil
            precondition((words.count > 2) == (link != nil), "there is no such link: \(lines[0])")
            precondition(lines.count == (level == .ok ? 2 : 4), "\(name) has not the texts that its level needs")
            title = lines[1]
            meaning = lines.count > 2 ? lines[2] : ""
            advice = lines.count > 2 ? lines[3] : ""
        }
    }

    let rows: [String: Row]

    init(_ table: String) {
        rows = Dictionary(uniqueKeysWithValues: PlainText.blocks(table).map { Row($0) }.map { ($0.name, $0) })
    }

    /// Replaces each `{name}` by its value. Values are not searched in turn: they may come from outside.
    static func fill(_ text: String, _ values: [String: any CustomStringConvertible]) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            guard let value = values[name] else { preconditionFailure("there is no value for {\(name)}") }
            result += rest[..<open] + value.description
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

struct Findings {
    private let area: Finding.Area
    private let texts: CheckTexts
    private let subject: String
    private(set) var all: [Finding] = []

    /// `subject` is what a finding is about unless another subject is given with it.
    init(_ area: Finding.Area, _ texts: CheckTexts, about subject: String = "") {
        self.area = area
        self.texts = texts
        self.subject = subject
    }

    mutating func add(
        _ name: String,
        level: Finding.Level? = nil,
        about subject: String? = nil,
        _ values: [String: any CustomStringConvertible] = [:]
    ) {
        guard let row = texts.rows[name] else { preconditionFailure("there are no texts for \(name)") }
        all.append(
            Finding(
                area: area,
                check: row.check,
                level: level ?? row.level,
                subject: subject ?? self.subject,
                title: CheckTexts.fill(row.title, values),
                meaning: CheckTexts.fill(row.meaning, values),
                advice: CheckTexts.fill(row.advice, values),
                link: row.link
            )
        )
    }

    mutating func append(_ finding: Finding) { all.append(finding) }
}
