/// The colours of a table, and the codes that a terminal knows them by.
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

    private init(isOn: Bool) {
        self.isOn = isOn
    }

    /// `always`, `never`, or `auto`: on a terminal that can do it, unless the person wants none (no-color.org).
    package init(_ choice: String, isTerminal: Bool, environment: [String: String]) {
        switch choice {
        case "always": isOn = true
        case "never": isOn = false
        default:
            let wantsNone = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
            isOn = isTerminal && !wantsNone && environment["TERM"] != "dumb"
        }
    }

    package func paint(_ text: String, _ color: Color?) -> String {
        guard isOn, let color, !text.isEmpty else { return text }
        return "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
    }

    /// An event type's, by what it is about; the same for a type that Notion has yet to invent.
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
