package import NotionWebhooks

/// What names a token in records, logs and commands: the first 12 hexadecimal digits of its SHA-256, in lower case.
package struct Fingerprint: Sendable, Hashable {
    package let text: String

    /// Nil unless the text is 12 hexadecimal digits in lower case.
    package init?(_ text: String) {
        guard text.utf8.count == 12, text.utf8.allSatisfy(Self.isDigit) else { return nil }
        self.text = text
    }

    package init(_ token: VerificationToken) {
        text = token.fingerprint
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

extension Fingerprint: CustomStringConvertible, Comparable {
    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
