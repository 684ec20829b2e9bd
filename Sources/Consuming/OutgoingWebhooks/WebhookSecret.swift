import Cryptography

/// A key that requests are signed with, as Standard Webhooks writes it: `whsec_` and base64 of 24 to 64 random bytes.
///
/// It has no text: descriptions and mirrors show the placeholder, and only ``WebhookSigner`` gets at the key.
package struct WebhookSecret: Sendable, Equatable {
    package static let prefix = "whsec_"

    // Limit: the specification's. Shorter keys can be guessed, longer ones are hashed by HMAC and gain nothing.
    package static let lengthBytes = 24...64

    private static let placeholder = "<redacted>"

    let key: [UInt8]

    /// A secret from its text, with or without `whsec_` in front.
    package init(_ text: String) throws(WebhookSecretError) {
        guard !text.hasPrefix("whsk_"), !text.hasPrefix("whpk_") else { throw .asymmetric }
        let digits = text.hasPrefix(Self.prefix) ? text.dropFirst(Self.prefix.count) : text[...]
        guard let key = Base64.bytes(digits.utf8) else { throw .notBase64 }
        guard Self.lengthBytes.contains(key.count) else { throw .wrongLength(key.count) }
        self.key = key
    }

    /// Whether two secrets are the same, in constant time.
    package static func == (a: Self, b: Self) -> Bool {
        constantTimeEqual(a.key.span, b.key.span)
    }
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.placeholder }
    package var debugDescription: String { Self.placeholder }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
