/// Lines at the bottom of a terminal that are taken away before anything else is written, and come back behind it. The
/// cursor rests behind the last of them. They are left out while it stands within a line that somebody else began: to
/// erase them would take that line's text along. Pure: gives the bytes to write.
package struct StatusText {
    // Limit: more of them would leave a small terminal nothing for what it is there for.
    static let linesMax = 4

    private var lines: [String] = []
    /// The widths of the lines on the screen.
    private var shown: [Int] = []
    private var isAtLineStart = true

    package init() {}

    /// Shows other lines; none takes them away.
    package mutating func show(_ lines: [String], columns: Int) -> [UInt8] {
        self.lines = Array(lines.prefix(Self.linesMax))
        return erase(columns: columns) + draw(columns: columns)
    }

    /// What to write before and behind a text of somebody else's.
    package mutating func interrupt(with text: [UInt8], columns: Int) -> (before: [UInt8], after: [UInt8]) {
        let before = erase(columns: columns)
        if let last = text.last { isAtLineStart = last == UInt8(ascii: "\n") }
        return (before, draw(columns: columns))
    }

    /// The window may have become narrower: what was one line can be several rows by now.
    private mutating func erase(columns: Int) -> [UInt8] {
        guard !shown.isEmpty else { return [] }
        let rows = shown.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        shown = []
        return Array("\r\(rows > 1 ? "\u{1B}[\(rows - 1)A" : "")\u{1B}[J".utf8)
    }

    private mutating func draw(columns: Int) -> [UInt8] {
        guard isAtLineStart, !lines.isEmpty else { return [] }
        // A character in the last column leaves it to the terminal where the cursor is then.
        let cut = lines.map { PlainText.cut($0, columns: columns - 1) }
        shown = cut.map(\.columns)
        return Array(cut.map(\.text).joined(separator: "\n").utf8)
    }
}
