import Cryptography
import Synchronization

/// Signs requests as Standard Webhooks 1.0 says, scheme `v1`: HMAC-SHA256 over `<id>.<seconds>.<body>`.
///
/// With several secrets each signs, so that a service can change from one to the next at a time of its own. Lanes share
/// one signer; they take turns, since a key schedule serves one message at a time and a message takes microseconds.
package final class WebhookSigner: Sendable {
    // Limit: a rotation needs two; each secret adds 48 bytes to every request.
    package static let secretsMax = 8

    private let keys: Mutex<[KeyedHMAC]>

    /// A signer for one secret or more, in the order in which the signatures are to stand.
    package init(_ secrets: [WebhookSecret]) throws(WebhookSecretError) {
        guard !secrets.isEmpty else { throw .none }
        guard secrets.count <= Self.secretsMax else { throw .tooMany(secrets.count) }
        keys = Mutex(secrets.map { KeyedHMAC(key: $0.key) })
    }

    /// The value of `webhook-signature`. The body is read where it lies.
    ///
    /// - Parameters:
    ///   - id: the value of `webhook-id`. It must not hold a full stop, or the three parts could be read in two ways.
    ///   - secondsSince1970: the value of `webhook-timestamp`: of this attempt, not of the event.
    ///   - body: the bytes that are sent.
    /// - Returns: `v1,` and the code in base64, for each secret, with spaces between.
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
