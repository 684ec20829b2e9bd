/// Text for people that came from a handler or from a header: it fits its place and cannot change a terminal.
package enum PlainText {
    /// Control characters become spaces; what is too long is cut between two characters.
    package static func cut(_ text: String, bytesMax: Int) -> String {
        var plain = ""
        var bytes = 0
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control
            let kept = isControl ? " " : scalar
            bytes += UTF8.width(kept)
            if bytes > bytesMax { break }
            plain.unicodeScalars.append(kept)
        }
        return plain
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

    /// Whether a text may stand for itself as an id: not empty, not long, nothing unprintable.
    package static func isIdentifier(_ text: String, bytesMax: Int = 128) -> Bool {
        (1...bytesMax).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// Bytes for people: the text that they are if all of it can be seen, `0x…` otherwise.
    package static func shown(_ bytes: [UInt8]) -> String {
        if !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self), cut(text, bytesMax: .max) == text {
            return text
        }
        return "0x" + bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
