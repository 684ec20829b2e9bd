package import Kafka
package import Operations
internal import TextOutput
internal import Timestamps

/// Aligned columns, for people. A topic's bytes are untrusted: control characters do not reach the terminal.
package struct RecordTable: Sendable {
    // Limit: what is wider than its column moves the others; a key may be a megabyte.
    private static let cellColumnsMax = 64

    private static let widths = [9, 9, 24, 34, 36, 36, 0]

    let colors: TerminalColors

    package var heading: String {
        let names = ["PARTITION", "OFFSET", "TIME", "TYPE", "KEY", "ID", "NOTE"]
        return line(names.map { (text: $0, color: .bold) })
    }

    /// Without a line feed.
    package func row(_ record: borrowing Record) -> String {
        let facts = RowFacts(record)
        let type = Self.text(facts.type)
        return line([
            (String(record.partition ?? -1), nil),
            (String(record.offset ?? -1), nil),
            (record.timestampMilliseconds.map { Timestamp.text(milliseconds: $0) } ?? "-", nil),
            (type, facts.isDeadLetter ? .red : colors.color(ofType: type)),
            (Self.text(record.key), nil),
            (Self.text(facts.id), nil),
            (facts.note, facts.isDeadLetter ? .red : .magenta),
        ])
    }

    private func line(_ cells: [(text: String, color: TerminalColors.Color?)]) -> String {
        var line = ""
        var gap = 0
        for (cell, width) in zip(cells, Self.widths) where !cell.text.isEmpty {
            let cut = PlainText.cut(cell.text, columns: Self.cellColumnsMax)
            line += String(repeating: " ", count: gap) + colors.paint(cut.text, cell.color)
            gap = max(0, width - cut.columns) + 2
        }
        return line
    }

    private static func text(_ bytes: [UInt8]?) -> String {
        guard let bytes else { return "-" }
        // At most four bytes a character; the rest is cut anyway.
        return String(decoding: bytes.prefix(cellColumnsMax * 4 + 4), as: UTF8.self)
    }
}

private struct RowFacts {
    var type: [UInt8]?
    var id: [UInt8]?
    var isDeadLetter = false
    var note = ""

    private static let names: [[UInt8]] = [
        "ce_type", "ce_id", "relay-dlq-reason", "relay-dead-letter-reason", "relay-redrive-group", "relay-replay-id",
    ].map { Array($0.utf8) }

    init(_ record: borrowing Record) {
        var values = [[UInt8]?](repeating: nil, count: Self.names.count)
        record.forEachHeader { name, value in
            for (index, wanted) in Self.names.enumerated() where wanted.span.isEqual(to: name) {
                // Longer values are cut in their cell.
                if let value { values[index] = value.extracting(first: 256).copied } else { values[index] = nil }
            }
        }
        type = values[0]
        id = values[1]
        isDeadLetter = values[2] != nil || values[3] != nil
        let notes = [
            (values[2] ?? values[3]).map { "dead letter: \(String(decoding: $0, as: UTF8.self))" },
            values[4].map { "redriven for \(String(decoding: $0, as: UTF8.self))" },
            values[5].map { _ in "replayed" },
        ]
        note = notes.compactMap(\.self).joined(separator: ", ")
    }
}

package struct TerminalColors: Sendable, Equatable {
    package enum Color: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case magenta = "35"
        case cyan = "36"
        case bold = "1"
    }

    package static let off = TerminalColors(isOn: false)
    package static let on = TerminalColors(isOn: true)

    let isOn: Bool

    private init(isOn: Bool) { self.isOn = isOn }

    /// `always`, `never`, or `auto`: on a terminal that supports colours, unless the user disables them (no-color.org).
    package init(_ choice: ColorChoice, isTerminal: Bool, environment: [String: String]) {
        switch choice {
        case .always: isOn = true
        case .never: isOn = false
        case .auto:
            let wantsNone = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
            isOn = isTerminal && !wantsNone && environment["TERM"] != "dumb"
        }
    }

    package func paint(_ text: String, _ color: Color?) -> String {
        guard isOn, let color, !text.isEmpty else { return text }
        return "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
    }

    /// An event type's colour, by what it is about; this covers future types too.
    func color(ofType type: some StringProtocol) -> Color? {
        let prefix = "com.notion."
        let subject = (type.hasPrefix(prefix) ? type.dropFirst(prefix.count) : type[...]).prefix { $0 != "." }
        switch subject {
        case "page": return .cyan
        case "comment": return .green
        case "database", "data_source": return .blue
        case "view": return .yellow
        default: return nil
        }
    }
}
