import FoundationEssentials
package import Kafka
package import NotionWebhooks
import TextOutput
import Timestamps

/// One record of the subscriptions topic, read or about to be written.
package enum SubscriptionRecord: Sendable, Equatable {
    /// The header that names the key under which the token is sealed.
    package static let keyHeader = "relay-sealing-key"
    /// The header that holds the sealed token: nonce, ciphertext and tag in base64.
    package static let tokenHeader = "relay-sealed-token"

    case handshake(ReceivedHandshake, VerificationToken)
    case subscription(Subscription, VerificationToken)
    case use(TokenUse, of: Fingerprint)
    /// A tombstone.
    case gone(SubscriptionKey)

    package var key: SubscriptionKey {
        switch self {
        case .handshake(_, let token): .handshake(Fingerprint(token))
        case .subscription(_, let token): .subscription(Fingerprint(token))
        case .use(_, let fingerprint): .use(fingerprint)
        case .gone(let key): key
        }
    }

    /// The record for a topic; its token is sealed anew each time. Only a use and a tombstone need no key.
    package func record(in topic: String, sealedWith keys: SealingKeys) -> Record {
        switch self {
        case .handshake(let handshake, let token): sealed(HandshakeDocument(handshake).value, token, topic, keys)
        case .subscription(let subscription, let token):
            sealed(ActivationDocument(subscription).value, token, topic, keys)
        case .use(let use, _): Record(topic: topic, key: key.bytes, value: UseDocument(use).value)
        case .gone: Record(topic: topic, key: key.bytes, value: nil)
        }
    }

    private func sealed(_ value: [UInt8], _ token: VerificationToken, _ topic: String, _ keys: SealingKeys) -> Record {
        let sealed = keys.seal(token, in: SealContext(topic: topic, key: key.bytes, value: value))
        let headers = [
            Record.Header(name: Self.keyHeader, value: Array(sealed.keyID.utf8)),
            Record.Header(name: Self.tokenHeader, value: Array(sealed.text.utf8)),
        ]
        return Record(topic: topic, key: key.bytes, headers: headers, value: value)
    }
}

extension SealedToken {
    /// The sealed token in a record's headers.
    init(_ record: Record) throws(SealError) {
        guard let id = record.header(SubscriptionRecord.keyHeader), id.count <= 64,
            let text = record.header(SubscriptionRecord.tokenHeader), text.count <= 2 * Self.bytesMax,
            let id = String(validating: id, as: UTF8.self), let text = String(validating: text, as: UTF8.self),
            id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw .malformed }
        self.init(keyID: id, text: text)
    }
}

/// The key of a record of the subscriptions topic.
///
/// Replicas write handshakes and uses, operators subscriptions. Each has keys of its own, so that a handshake, which
/// anybody can send, can never replace a subscription, not even for a reader of the compacted topic.
package enum SubscriptionKey: Sendable, Hashable {
    /// A token that came in a handshake and is pending.
    case handshake(Fingerprint)
    /// A token that a person activated or retired.
    case subscription(Fingerprint)
    /// What verified deliveries revealed about a token.
    case use(Fingerprint)

    package var fingerprint: Fingerprint {
        switch self {
        case .handshake(let fingerprint), .subscription(let fingerprint), .use(let fingerprint): fingerprint
        }
    }

    /// The record's key: `subscription/1f2e3d4c5b6a`.
    package var text: String {
        switch self {
        case .handshake(let fingerprint): "handshake/\(fingerprint)"
        case .subscription(let fingerprint): "subscription/\(fingerprint)"
        case .use(let fingerprint): "use/\(fingerprint)"
        }
    }

    package var bytes: [UInt8] { Array(text.utf8) }

    /// Reads a record's key; nil for an unknown one.
    package init?(bytes: [UInt8]) {
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let fingerprint = Fingerprint(String(parts[1])) else { return nil }
        switch parts[0] {
        case "handshake": self = .handshake(fingerprint)
        case "subscription": self = .subscription(fingerprint)
        case "use": self = .use(fingerprint)
        default: return nil
        }
    }
}

/// Identifies a token in records, logs and commands: the first 12 hexadecimal digits of its SHA-256, in lower case.
package struct Fingerprint: Sendable, Hashable {
    package let text: String

    /// Nil unless the text is 12 hexadecimal digits in lower case.
    package init?(_ text: String) {
        guard text.utf8.count == 12, text.utf8.allSatisfy(Self.isDigit) else { return nil }
        self.text = text
    }

    package init(_ token: VerificationToken) { text = token.fingerprint }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

extension Fingerprint: CustomStringConvertible, Comparable {
    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// The JSON value of a record of the subscriptions topic, version 1. Other members of a value come from
/// a later version and are ignored.
protocol SubscriptionDocument: Codable {
    var version: Int { get }
}

extension SubscriptionDocument {
    static var known: Int { 1 }
    // Limit: the longest is a use with four texts of 1,024 bytes, escaped.
    private static var bytesMax: Int { 64 * 1024 }

    var value: [UInt8] { SortedJSON.bytes(self) }

    /// Nil for any other value, or another version.
    static func read(_ value: [UInt8]) -> Self? {
        guard value.count <= bytesMax, let document = try? JSONDecoder().decode(Self.self, from: Data(value)) else {
            return nil
        }
        return document.version == known ? document : nil
    }

    static func text(_ milliseconds: Int64) -> String { Timestamp.text(milliseconds: milliseconds) }

    static func milliseconds(_ text: String) -> Int64? { Timestamp.milliseconds(text) }

    static func isPrintable(_ text: String) -> Bool { !text.unicodeScalars.contains(where: PlainText.isHarmful) }
}
