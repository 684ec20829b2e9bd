import NotionWebhooks
import Operations
import Receiver
import Subscriptions
import Timestamps

/// The tokens that verify deliveries here, on the operations port; fingerprints only.
struct TokenRoutes {
    private struct Listed: Encodable {
        let fingerprint: String
        let name: String?
        let source: String
        let retiresAt: String?
        let lastUsedAt: String?
        let subscriptionID: String?
        let workspaceName: String?

        enum CodingKeys: String, CodingKey {
            case fingerprint, name, source
            case retiresAt = "retires_at"
            case lastUsedAt = "last_used_at"
            case subscriptionID = "subscription_id"
            case workspaceName = "workspace_name"
        }
    }

    private struct Answer: Encodable {
        let isComplete: Bool
        let tokens: [Listed]

        enum CodingKeys: String, CodingKey {
            case isComplete = "complete"
            case tokens
        }
    }

    let activeTokens: ActiveTokens
    let uses: TokenUses

    /// `GET /tokens`: each with where it comes from and when it verified a delivery on this replica; `complete` is
    /// false while the subscriptions topic has not been read.
    func list() -> RoutedAnswer {
        let seen = uses.seen
        let tokens = activeTokens.keyring.keys.map { key in
            let use = seen[key.fingerprint]
            return Listed(
                fingerprint: key.fingerprint.text,
                name: key.name?.text,
                source: key.source.rawValue,
                retiresAt: key.retiresAt.map { Timestamp.text(milliseconds: $0) },
                lastUsedAt: use.map { Timestamp.text(milliseconds: $0.lastAt) },
                subscriptionID: use?.subscriptionID,
                workspaceName: use?.workspaceName
            )
        }
        return .json(encoding: Answer(isComplete: activeTokens.isComplete, tokens: tokens))
    }
}

/// The handshakes on the operations port: what is pending, and, once, the tokens themselves.
struct EnrolmentRoutes {
    private struct Listed: Encodable {
        let fingerprint: String
        let receivedAt: String
        /// The last part of the path that it was posted to.
        let name: String?
        let client: String
        var verificationToken: String?

        enum CodingKeys: String, CodingKey {
            case fingerprint, name, client
            case receivedAt = "received_at"
            case verificationToken = "verification_token"
        }

        init(_ pending: PendingHandshakes.Pending, revealing: Bool) {
            fingerprint = pending.token.fingerprint
            receivedAt = Timestamp.text(milliseconds: pending.receivedAtMilliseconds)
            name = pending.name?.text
            client = pending.client
            verificationToken = revealing ? pending.token.revealed() : nil
        }
    }

    let pending: PendingHandshakes

    /// `GET /enrolment`: fingerprints only.
    func list() -> RoutedAnswer {
        .json(encoding: ["pending": pending.held().map { Listed($0, revealing: false) }])
    }

    /// `POST /enrolment/reveal`: the tokens, which are forgotten with this answer.
    func reveal() -> RoutedAnswer {
        .json(encoding: ["pending": pending.take().map { Listed($0, revealing: true) }])
    }
}
