import Cryptography
import FoundationEssentials
import Synchronization

/// Standard Webhooks 1.0, scheme `v1`: HMAC-SHA256 over `<id>.<seconds>.<body>`. Each of several secrets signs, so that
/// a service can change from one to the next. Requests take turns: a key schedule serves one message at a time.
package final class WebhookSigner: Sendable {
    // Limit: a rotation needs two; each secret adds 48 bytes to every request.
    package static let secretsMax = 8

    private let keys: Mutex<[KeyedHMAC]>

    package init(_ secrets: [WebhookSecret]) throws(WebhookSecretError) {
        guard !secrets.isEmpty else { throw .none }
        guard secrets.count <= Self.secretsMax else { throw .tooMany(secrets.count) }
        keys = Mutex(secrets.map { KeyedHMAC(key: $0.key) })
    }

    /// The value of `webhook-signature`: `v1,` and the code in base64, for each secret, separated by spaces. `id` must
    /// not contain a full stop, or the three parts could be read in two ways; the time is that of this attempt.
    package func signature(id: String, secondsSince1970: Int64, body: Span<UInt8>) -> String {
        precondition(!id.utf8.contains(UInt8(ascii: ".")), "A full stop must not stand in the id of a signed request.")
        let head = Array("\(id).\(secondsSince1970).".utf8)
        return keys.withLock { keys in
            var text = ""
            for key in keys {
                let code = key.authenticate(head.span, followedBy: body)
                text += (text.isEmpty ? "v1," : " v1,") + Base64.text(code.span)
            }
            return text
        }
    }
}

/// `whsec_` and base64 of 24 to 64 random bytes. Descriptions and mirrors show a placeholder.
package struct WebhookSecret: Sendable, Equatable {
    package static let prefix = "whsec_"

    // Limit: the specification's. Shorter keys can be guessed, longer ones are hashed by HMAC and gain nothing.
    package static let lengthBytes = 24...64

    private static let placeholder = "<redacted>"

    let key: [UInt8]

    /// `whsec_` is optional.
    package init(_ text: String) throws(WebhookSecretError) {
        guard !text.hasPrefix("whsk_"), !text.hasPrefix("whpk_") else { throw .asymmetric }
        let digits = text.hasPrefix(Self.prefix) ? text.dropFirst(Self.prefix.count) : text[...]
        guard let key = Base64.bytes(digits.utf8) else { throw .notBase64 }
        guard Self.lengthBytes.contains(key.count) else { throw .wrongLength(key.count) }
        self.key = key
    }

    /// Whether two secrets are the same, in constant time.
    package static func == (a: Self, b: Self) -> Bool { constantTimeEqual(a.key.span, b.key.span) }
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.placeholder }
    package var debugDescription: String { Self.placeholder }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

/// The texts contain nothing of the secrets.
package enum WebhookSecretError: Error, Equatable, CustomStringConvertible {
    /// Wrong characters, or a length that base64 cannot have.
    case notBase64
    case wrongLength(Int)
    case asymmetric, none
    case tooMany(Int)

    package var description: String {
        let advice = "make one with: echo whsec_$(openssl rand -base64 32)"
        return switch self {
        case .notBase64: "the webhook secret is not base64 (whsec_ may stand in front); \(advice)"
        case .wrongLength(let bytes): "the webhook secret holds \(bytes) bytes, 24 to 64 are allowed; \(advice)"
        case .asymmetric: "the webhook secret is a key for ed25519, only HMAC-SHA256 (whsec_) is spoken; \(advice)"
        case .none: "there is no webhook secret to sign with; \(advice)"
        case .tooMany(let count):
            "there are \(count) webhook secrets, \(WebhookSigner.secretsMax) are allowed; take out those that no "
                + "service verifies with any more"
        }
    }
}

/// Base64 with the standard alphabet (RFC 4648, section 4); stricter than Foundation about padding.
enum Base64 {
    static func text(_ bytes: Span<UInt8>) -> String {
        var data = Data(capacity: bytes.count)
        for index in bytes.indices { data.append(bytes[index]) }
        return data.base64EncodedString()
    }

    /// Padding may be missing, and the last digit's unused bits may be anything: other readers accept both.
    static func bytes(_ text: Substring.UTF8View) -> [UInt8]? {
        let digits = text.prefix { $0 != UInt8(ascii: "=") }
        let padding = text.dropFirst(digits.count)
        guard digits.count % 4 != 1, padding.isEmpty || text.count % 4 == 0, padding.count <= 2,
            padding.allSatisfy({ $0 == UInt8(ascii: "=") })
        else { return nil }
        let padded = Array(digits) + Array(repeating: UInt8(ascii: "="), count: (4 - digits.count % 4) % 4)
        return Data(base64Encoded: Data(padded)).map { Array($0) }
    }
}
