package import Subscriptions
import Timestamps

extension SubscriptionsSnapshot {
    /// What the topic says of a token, in a line for people.
    package func words(_ fingerprint: Fingerprint, at now: Int64) -> String {
        if let subscription = subscriptions[fingerprint]?.content {
            let name = subscription.name.map { " (\($0))" } ?? ""
            return "\(fingerprint)\(name) \(subscription.words(at: now))"
        }
        guard let handshake = handshakes[fingerprint]?.content else { return "\(fingerprint) is not there" }
        return "\(fingerprint) is pending, received at \(Timestamp.text(milliseconds: handshake.receivedAt))"
    }
}

extension Subscription {
    /// The end of a sentence that begins with the token.
    fileprivate func words(at now: Int64) -> String {
        let time = Timestamp.text(milliseconds: retiresAt ?? activatedAt)
        return switch state(at: now) {
        case .active: "is active since \(time)"
        case .retiring: "verifies until \(time)"
        case .retired: "is retired since \(time)"
        }
    }
}
