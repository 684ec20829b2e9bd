/// Text from elsewhere, such as a header or a handler's error, made safe for the place where it is shown: it cannot
/// change a terminal, hides nothing, and it fits.
///
/// ``isHarmful(_:)`` is the one rule of what must not reach a terminal. Text shows a dot in place of it, JSON an escape
/// (``JSONEscape``).
package enum PlainText {
    /// At most so many bytes: control characters become spaces, other harmful ones dots, and a long text ends between
    /// two characters.
    package static func cut(_ text: String, bytesMax: Int) -> String {
        var plain = ""
        var bytes = 0
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control
            let kept = isControl ? " " : isHarmful(scalar) ? dot : scalar
            bytes += UTF8.width(kept)
            if bytes > bytesMax { break }
            plain.unicodeScalars.append(kept)
        }
        return plain
    }

    /// With a dot in place of each harmful character; also returns the columns that the result takes. Characters that
    /// may be wide count as two, so that the result is never wider.
    package static func cut(_ text: some StringProtocol, columns columnsMax: Int) -> (text: String, columns: Int) {
        var cut = String.UnicodeScalarView()
        var columns = 0
        /// Where to cut if the text turns out to be too long: the ellipsis needs a column.
        var fit = (end: cut.endIndex, columns: 0)
        for scalar in text.unicodeScalars {
            let width = width(of: scalar)
            guard columns + width <= columnsMax else {
                cut.removeSubrange(fit.end...)
                if columnsMax > 0 { cut.append("…") }
                return (String(cut), columnsMax > 0 ? fit.columns + 1 : 0)
            }
            cut.append(isHarmful(scalar) ? dot : scalar)
            columns += width
            if columns < columnsMax { fit = (cut.endIndex, columns) }
        }
        return (String(cut), columns)
    }

    /// One or more lines for people, of any length, with a dot in place of each harmful character. Line feeds and tabs
    /// stay: they are the program's own.
    package static func lines(_ text: String) -> String { replaced(text) { $0 != "\n" && $0 != "\t" && isHarmful($0) } }

    /// A text from elsewhere within a line, of any length, with a dot in place of each harmful character.
    package static func word(_ text: String) -> String { replaced(text, isHarmful) }

    private static func replaced(_ text: String, _ isReplaced: (Unicode.Scalar) -> Bool) -> String {
        guard text.unicodeScalars.contains(where: isReplaced) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isReplaced($0) ? dot : $0 }))
    }

    private static let dot: Unicode.Scalar = "·"

    /// Whether a terminal would act on the character, or it would hide or reorder others: control characters (above
    /// 0x7F too), line separators, changes of direction, and whatever is invisible by itself (zero width, tags,
    /// variation selectors, fillers): with those, two names that differ look the same.
    ///
    /// Variation selectors are among them although emoji use them: a name may carry any number, and the price is a dot
    /// behind a symbol.
    package static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x1100 || isHarmful(scalar) || scalar == "…" { return 1 }
        return 2
    }

    /// A duration in milliseconds, in its two largest units.
    package static func age(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        return switch seconds {
        case ..<1: "\(milliseconds)ms"
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m \(seconds % 60)s"
        case ..<86_400: "\(seconds / 3600)h \(seconds % 3600 / 60)m"
        default: "\(seconds / 86_400)d \(seconds % 86_400 / 3600)h"
        }
    }

    /// Whether a text can be used as an id: not empty, not too long, without control characters.
    package static func isIdentifier(_ text: String, bytesMax: Int = 128) -> Bool {
        (1...bytesMax).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// Kafka's rule for the name of a topic.
    package static func isTopicName(_ text: String) -> Bool {
        // Limit: Kafka's, since a partition's folder is named after the topic and its number.
        (1...249).contains(text.utf8.count) && text != "." && text != ".."
            && text.unicodeScalars.allSatisfy { isWord($0) || "._-".unicodeScalars.contains($0) }
    }

    /// Whether it is an ASCII letter or digit.
    package static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
    }

    /// Bytes for people: as text if they are UTF-8 without harmful characters, otherwise as `0x…`.
    package static func shown(_ bytes: [UInt8]) -> String {
        if !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self), cut(text, bytesMax: .max) == text {
            return text
        }
        return "0x" + bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// Each line that is not indented, with the lines below it that are, by two spaces, which are taken away.
    package static func blocks(_ text: String) -> [[String]] {
        text.split(separator: "\n").reduce(into: []) { blocks, line in
            if line.hasPrefix("  ") {
                blocks[blocks.count - 1].append(String(line.dropFirst(2)))
            } else {
                blocks.append([String(line)])
            }
        }
    }
}
