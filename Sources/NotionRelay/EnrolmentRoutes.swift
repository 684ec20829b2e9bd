import NotionWebhooks
import Operations
import Receiver
import Subscriptions
import Timestamps

/// The operations port's view of handshakes: what is pending, and, once, the tokens themselves.
struct EnrolmentRoutes {
    private struct Listed: Encodable {
        let fingerprint: String
        let receivedAt: String
        /// The last part of the path that it came to.
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
