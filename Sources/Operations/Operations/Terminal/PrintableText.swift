/// Texts of strangers on a terminal: without what the terminal obeys, and without what turns the order of letters or
/// hides them.
package enum PrintableText {
    /// Control characters, also those above 0x7F, line separators, and formats such as changes of direction.
    package static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }

    /// A text of at most so many columns, with points for what is harmful, and how many columns it has.
    ///
    /// Letters that may be wide count as two, so that it is never wider.
    package static func cut(_ text: some StringProtocol, columns columnsMax: Int) -> (text: String, columns: Int) {
        var cut = String.UnicodeScalarView()
        var columns = 0
        /// Where to cut, if it comes to that: there must be room for the dots.
        var fit = (end: cut.endIndex, columns: 0)
        for scalar in text.unicodeScalars {
            let width = width(of: scalar)
            guard columns + width <= columnsMax else {
                cut.removeSubrange(fit.end...)
                if columnsMax > 0 { cut.append("…") }
                return (String(cut), columnsMax > 0 ? fit.columns + 1 : 0)
            }
            cut.append(isHarmful(scalar) ? "·" : scalar)
            columns += width
            if columns < columnsMax { fit = (cut.endIndex, columns) }
        }
        return (String(cut), columns)
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x1100 || isHarmful(scalar) || scalar == "…" { return 1 }
        return 2
    }
}
