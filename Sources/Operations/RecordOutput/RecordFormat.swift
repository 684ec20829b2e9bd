package import Kafka
package import Operations

package enum RecordFormat: Sendable {
    case table(RecordTable)
    case json(RecordJSON)
    case tokens(RecordTemplate)

    /// `table`, `json`, or any other text as a template. For a terminal, a template shows dots in place of what that
    /// would obey.
    package init(
        _ text: String,
        flag: String = "--format",
        colors: TerminalColors = .off,
        isForTerminal: Bool = false
    ) throws(UsageError) {
        switch text {
        case "table": self = .table(RecordTable(colors: colors))
        case "json": self = .json(RecordJSON())
        default:
            // A single word is a misspelled format, and no template.
            guard !text.utf8.allSatisfy({ $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }) else {
                throw UsageError(
                    "\(flag): write table, json, or a text with tokens such as '%o %k\\n': \(RecordTemplate.known)"
                )
            }
            self = .tokens(try RecordTemplate(text, flag: flag, isForTerminal: isForTerminal))
        }
    }

    package var heading: [UInt8] {
        guard case .table(let table) = self else { return [] }
        return Array((table.heading + "\n").utf8)
    }

    package func write(_ record: borrowing Record, to buffer: inout [UInt8]) {
        switch self {
        case .table(let table):
            buffer.append(contentsOf: table.row(record).utf8)
            buffer.append(UInt8(ascii: "\n"))
        case .json(let json):
            json.write(record, to: &buffer)
            buffer.append(UInt8(ascii: "\n"))
        case .tokens(let template): template.write(record, to: &buffer)
        }
    }
}
