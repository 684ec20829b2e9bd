package import NotionWebhooks

/// The tokens that verify deliveries at a moment, from settings and topic. Pure.
package struct Keyring: Sendable {
    /// A token from a replica's settings.
    package struct Configured: Sendable, Equatable {
        package let token: VerificationToken
        /// The name of the file in a folder of tokens.
        package let name: SubscriptionName?

        package init(_ token: VerificationToken, name: SubscriptionName? = nil) {
            self.token = token
            self.name = name
        }
    }

    package enum Source: String, Sendable {
        case settings
        case topic
    }

    package struct Key: Sendable, Equatable {
        package let token: VerificationToken
        package let fingerprint: Fingerprint
        package let name: SubscriptionName?
        package let source: Source
        /// Milliseconds since 1970; nil while it is not retired.
        package let retiresAt: Int64?
    }

    /// Configured ones first, in their order, then those of the topic, the newest first: most deliveries are signed
    /// with a token that is tried early.
    package let keys: [Key]
    /// When the next token retires, in milliseconds since 1970.
    package let nextChange: Int64?
    /// Tokens that are retired in the topic and still verify, because the replica's settings have them.
    package let heldBySettings: [Fingerprint]

    /// A token that is configured and in the topic too is active as long as the settings have it; its name is
    /// the topic's, which was given later.
    package init(configured: [Configured], snapshot: SubscriptionsSnapshot, now: Int64) {
        var keys: [Key] = []
        var seen: Set<Fingerprint> = []
        for configured in configured {
            let fingerprint = Fingerprint(configured.token)
            guard seen.insert(fingerprint).inserted else { continue }
            let known = snapshot.subscriptions[fingerprint]?.content.name
            keys.append(
                Key(
                    token: configured.token,
                    fingerprint: fingerprint,
                    name: known ?? configured.name,
                    source: .settings,
                    retiresAt: nil
                )
            )
        }
        heldBySettings = keys.map(\.fingerprint).filter {
            snapshot.subscriptions[$0]?.content.state(at: now) == .retired
        }
        let activated = snapshot.subscriptions.sorted {
            ($0.value.content.activatedAt, $0.key) > ($1.value.content.activatedAt, $1.key)
        }
        for (fingerprint, entry) in activated where !seen.contains(fingerprint) {
            guard case .success(let token) = entry.token, entry.content.state(at: now) != .retired else { continue }
            keys.append(
                Key(
                    token: token,
                    fingerprint: fingerprint,
                    name: entry.content.name,
                    source: .topic,
                    retiresAt: entry.content.retiresAt
                )
            )
        }
        self.keys = keys
        nextChange = keys.compactMap(\.retiresAt).min()
    }

    package func key(of token: VerificationToken) -> Key? { keys.first { $0.token == token } }
}
