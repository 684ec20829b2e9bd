import HTTPRouting
import NotionWebhooks
import Operations
import Receiver
import Timestamps

/// The operations port's view of handshakes: what is pending, and, once, the tokens themselves.
struct EnrolmentRoutes {
    private struct Listed: Encodable {
        let fingerprint: String
        let receivedAt: String
        var verificationToken: String?

        enum CodingKeys: String, CodingKey {
            case fingerprint
            case receivedAt = "received_at"
            case verificationToken = "verification_token"
        }
    }

    let pending: PendingHandshakes

    /// `GET /enrolment`: fingerprints only.
    func list() -> RoutedAnswer {
        Self.json(pending.held().map { Listed(fingerprint: $0.token.fingerprint, receivedAt: Self.time($0)) })
    }

    /// `POST /enrolment/reveal`: the tokens, which are forgotten with this answer.
    func reveal() -> RoutedAnswer {
        Self.json(
            pending.take().map {
                Listed(
                    fingerprint: $0.token.fingerprint,
                    receivedAt: Self.time($0),
                    verificationToken: $0.token.revealed()
                )
            }
        )
    }

    private static func time(_ pending: PendingHandshakes.Pending) -> String {
        Timestamp.text(milliseconds: pending.receivedAtMilliseconds)
    }

    private static func json(_ tokens: [Listed]) -> RoutedAnswer {
        .json(encoding: ["pending": tokens])
    }
}
