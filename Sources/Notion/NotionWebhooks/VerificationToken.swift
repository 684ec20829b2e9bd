import Cryptography

/// The secret that Notion sends in a subscription's handshake and signs every later delivery with.
///
/// Its text never shows by accident: descriptions and mirrors hold the fingerprint only.
public struct VerificationToken: Sendable, Equatable {
    // Limit: Notion's own are 50 bytes long; this leaves room and still fits any store.
    /// The longest text that is taken for a token, in bytes.
    public static let lengthBytesMax = 512

    let bytes: [UInt8]

    /// A token from its text, which is opaque: `secret_` in front is a habit of Notion's, not a rule.
    ///
    /// - Parameter text: 1 to 512 bytes of visible ASCII; anything else gives nil.
    public init?(_ text: String) { self.init(bytes: Array(text.utf8)) }

    init?(bytes: [UInt8]) {
        guard !bytes.isEmpty, bytes.count <= Self.lengthBytesMax, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        self.bytes = bytes
    }

    /// The first 12 hexadecimal digits of the token's SHA-256: identifies it in logs and keys without revealing it.
    public var fingerprint: String {
        let digest = SHA256.digest(bytes.span)
        var text = ""
        for index in 0..<6 {
            if digest[index] < 16 { text += "0" }
            text += String(digest[index], radix: 16)
        }
        return text
    }

    /// The secret itself. There is no other access to it, so that a search finds every use.
    public func revealed() -> String { String(decoding: bytes, as: UTF8.self) }

    /// Whether two tokens are the same, in constant time.
    public static func == (a: Self, b: Self) -> Bool { constantTimeEqual(a.bytes.span, b.bytes.span) }
}

extension VerificationToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The fingerprint, marked as such.
    public var description: String { "<verification token \(fingerprint)>" }

    /// The fingerprint, marked as such.
    public var debugDescription: String { description }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
