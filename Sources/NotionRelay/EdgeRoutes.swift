import NotionWebhooks
import Operations
import Receiver
import Subscriptions
import TextOutput
import Timestamps

struct TokenRoutes {
    private struct Listed: Encodable {
        let fingerprint: String
        let name: String?
        let source: String
        let retiresAt: String?
        let lastUsedAt: String?
        let subscriptionID: String?
        let workspaceName: String?
    }

    private struct Answer: Encodable {
        let complete: Bool
        let tokens: [Listed]
    }

    let activeTokens: ActiveTokens
    let uses: TokenUses

    /// `GET /tokens`; `complete` is false while the subscriptions topic has not been read.
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
        return .json(SortedJSON.text(Answer(complete: activeTokens.isComplete, tokens: tokens), inSnakeCase: true))
    }
}

struct EnrolmentRoutes {
    private struct Listed: Encodable {
        let fingerprint: String
        let receivedAt: String
        /// The last part of the path that it was posted to.
        let name: String?
        let client: String
        var verificationToken: String?

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
    func list() -> RoutedAnswer { answer(pending.held(), revealing: false) }

    /// `POST /enrolment/reveal`: the tokens, which are forgotten with this answer.
    func reveal() -> RoutedAnswer { answer(pending.take(), revealing: true) }

    private func answer(_ handshakes: [PendingHandshakes.Pending], revealing: Bool) -> RoutedAnswer {
        .json(SortedJSON.text(["pending": handshakes.map { Listed($0, revealing: revealing) }], inSnakeCase: true))
    }
}
