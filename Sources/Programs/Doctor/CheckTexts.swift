/// What an area's checks say, as a table.
///
/// A row begins with the check's name, its level and, where Notion's guide says more, the name of a `GuideLink`. Below,
/// indented, are title, meaning and advice, each on one line; a check that is `ok` has only a title. `{name}` is for a
/// value. A check whose texts depend on the case has a row for each case: `topic_missing/events`.
struct CheckTexts {
    struct Row: Equatable {
        let name: String
        let level: Finding.Level
        let link: GuideLink?
        let title: String
        let meaning: String
        let advice: String

        /// The name without the case.
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
        var blocks: [[String]] = []
        for line in table.split(separator: "\n") {
            if line.hasPrefix("  ") {
                blocks[blocks.count - 1].append(String(line.dropFirst(2)))
            } else {
                blocks.append([String(line)])
            }
        }
        rows = Dictionary(uniqueKeysWithValues: blocks.map { Row($0) }.map { ($0.name, $0) })
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

/// Collects the findings of one area, in the words of its table.
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

    /// Adds the finding of a row. `level` replaces the row's where it depends on more than the case.
    mutating func add(
        _ name: String,
        level: Finding.Level? = nil,
        about subject: String? = nil,
        _ values: [String: any CustomStringConvertible] = [:]
    ) {
        guard let row = texts.rows[name] else { preconditionFailure("there are no texts for \(name)") }
        all.append(
            Finding(
                area,
                row.check,
                level ?? row.level,
                subject ?? self.subject,
                CheckTexts.fill(row.title, values),
                meaning: CheckTexts.fill(row.meaning, values),
                advice: CheckTexts.fill(row.advice, values),
                link: row.link
            )
        )
    }

    mutating func append(_ finding: Finding) { all.append(finding) }
}
