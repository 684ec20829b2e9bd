package import Subscriptions
import Timestamps

/// Why a command about a token cannot be carried out.
package enum SubscriptionPlanError: Error, Sendable, Equatable {
    case unknown(Fingerprint, near: [Fingerprint])
    /// The record is there, and of no use to this reader.
    case unreadable(SubscriptionKey, SubscriptionsSnapshot.Refusal)
    /// The time to retire at has passed: milliseconds since 1970.
    case past(Int64)
    /// A pending token verifies nothing yet, so there is no time from which it should stop.
    case pendingWithTime(Fingerprint)
    /// It would verify again until the time.
    case retired(Fingerprint, Int64)
}

extension SubscriptionPlanError: CustomStringConvertible {
    /// A line for people.
    package var description: String {
        switch self {
        case .unknown(let fingerprint, let near):
            "no token has the fingerprint \(fingerprint)"
                + (near.isEmpty ? "" : "; did you mean \(near.map(\.text).joined(separator: " or "))?")
                + "; subscription pending and list show all; for a new one press Resend token in Notion"
        case .unreadable(let key, .sealed(let error)):
            "\(key.text) \(error)" + (error.isAboutKeys ? "; give the key that the replicas have" : "; \(Self.again)")
        case .unreadable(let key, let refusal): "\(key.text) \(refusal); \(Self.again)"
        case .past(let time):
            "--at \(Timestamp.text(milliseconds: time)) has passed; leave it out to retire the token now"
        case .pendingWithTime(let fingerprint):
            "\(fingerprint) is only pending and verifies nothing; leave out --at to discard it"
        case .retired(let fingerprint, let time):
            "\(fingerprint) was retired at \(Timestamp.text(milliseconds: time)); "
                + "activate it first if it should verify until then"
        }
    }

    private static let again = "press Resend token in Notion, or import the token, so that it is written anew"
}

extension SealError {
    fileprivate var isAboutKeys: Bool {
        guard case .otherKey = self else { return false }
        return true
    }
}
