import OrderedConsumer
import TextOutput

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
