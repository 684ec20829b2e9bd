package struct TextTable {
    private var rows: [[String]]
    private let rightAligned: Set<Int>

    /// A table with these titles; columns of numbers are aligned right.
    package init(_ titles: [String], rightAligned: Set<Int> = []) {
        rows = [titles]
        self.rightAligned = rightAligned
    }

    /// Texts may come from anywhere: harmful characters, line feeds among them, are shown as dots.
    package mutating func append(_ row: [String]) {
        precondition(row.count == rows[0].count, "Each row has a text for each title.")
        rows.append(row.map(PlainText.word))
    }

    package var lines: [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, text) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - text.count)
                if column > 0 { line += "  " }
                line += rightAligned.contains(column) ? space + text : text + space
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
