/// One thing that was looked at: how it is, what that means, what to do.
package struct Finding: Sendable, Equatable {
    /// Where to look, in the order in which findings are shown.
    package enum Area: String, CaseIterable, Sendable, Encodable {
        case kafka, topics, tokens, clock, traffic, url, edge, api, notion
    }

    package enum Level: String, CaseIterable, Sendable, Encodable {
        case ok, warning, error
        /// What nobody but a person can see, in Notion or on another machine.
        case unknown
    }

    package let area: Area
    /// A stable name for programs: `topic_missing`.
    package let check: String
    package let level: Level
    /// What it is about: a topic, a subscription's id, an address. May come from outside.
    package let subject: String
    /// One sentence.
    package let title: String
    /// Empty for what is in order, as are the next two.
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

    /// Something that could not be looked at.
    static func notRead(_ area: Area, _ subject: String, _ reason: String) -> Finding {
        Finding(
            area,
            "\(area.rawValue)_not_read",
            .warning,
            subject,
            "could not be read: \(reason)",
            meaning: "What would have been found there is not known.",
            advice: "Run doctor again; if it stays so, give it more time with --timeout, or look at the reason."
        )
    }

    /// Something that was not looked at because of something else.
    static func notChecked(_ area: Area, _ subject: String, because reason: String) -> Finding {
        Finding(
            area,
            "\(area.rawValue)_not_checked",
            .unknown,
            subject,
            "not checked: \(reason)",
            meaning: "What would have been found there is not known.",
            advice: "Mend that first, then run doctor again."
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
