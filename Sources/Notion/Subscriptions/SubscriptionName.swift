/// What a subscription is called, by people and in its URL: the last part of `/notion/webhooks/harbour`.
package struct SubscriptionName: Sendable, Hashable {
    // Limit: a part of a URL and a column of a table.
    package static let lengthBytesMax = 64
    package static let allowed = "1 to 64 of a-z, 0-9, '.', '_' and '-', with a letter or digit in front"

    package let text: String

    /// Nil unless the text is ``allowed``.
    package init?(_ text: String) {
        guard let first = text.utf8.first, Self.isLetterOrDigit(first), text.utf8.count <= Self.lengthBytesMax,
            text.utf8.allSatisfy({ Self.isLetterOrDigit($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D })
        else { return nil }
        self.text = text
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension SubscriptionName: CustomStringConvertible, Comparable {
    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
