enum TextColumns {
    /// Breaks at spaces so that no line is longer than `width`, unless one word is.
    static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// A term and its explanation, which begins in the given column, on the next line when the term is too long.
    static func entry(_ term: String, _ lines: [String], column: Int) -> String {
        let indent = String(repeating: " ", count: column)
        let fits = term.count + 2 <= column
        var text = fits ? padded(term, to: column) : term + "\n" + indent
        text += lines.joined(separator: "\n" + indent)
        return text + "\n"
    }
}
