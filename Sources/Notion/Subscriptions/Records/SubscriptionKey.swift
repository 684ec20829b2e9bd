/// What a record of the subscriptions topic is about: its key.
///
/// Replicas write handshakes and uses, operators subscriptions. Each has keys of its own, so that a handshake, which
/// anybody can send, can never replace a subscription, not even for a reader that sees compacted remains.
package enum SubscriptionKey: Sendable, Hashable {
    /// A token that came in a handshake and waits for a person.
    case handshake(Fingerprint)
    /// A token that a person made active, or retired.
    case subscription(Fingerprint)
    /// What verified deliveries showed of a token.
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

    /// Reads a record's key; nil for one that is not known.
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
