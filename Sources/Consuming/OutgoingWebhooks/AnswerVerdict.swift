package import HTTPClient
import Timestamps

package enum AnswerVerdict: Sendable, Equatable {
    case done
    /// Try again, not before `after`, if the service said so. Reason and message are used once the attempts run out.
    case retry(after: Duration?, reason: String, message: String)
    /// Trying again would bring the same answer. The reason is a word of `[a-z0-9_]`, the message one line for people.
    case deadLetter(reason: String, message: String)

    /// `now` is in seconds since 1970, for a `Retry-After` that is a date; `waitMax` is the longest wait.
    package init(_ answer: Result<ClientResponse, ClientError>, now: Int64, waitMax: Duration = RetryAfter.longest) {
        switch answer {
        case .failure(let error): self.init(error)
        case .success(let response):
            let wait = response.header("retry-after").flatMap { RetryAfter.wait($0, now: now, longest: waitMax) }
            self.init(status: response.status, retryAfter: wait)
        }
    }

    init(status: Int, retryAfter: Duration?) {
        switch status {
        case 200...299: self = .done
        case 300...399:
            self = .deadLetter(
                reason: "redirected",
                message: "the service answered \(status); redirects are not followed, so give its final address"
            )
        case 410: self = .deadLetter(reason: "gone", message: "the service answered 410: it wants no more events here")
        case 408, 425, 429:
            self = .retry(after: retryAfter, reason: "status_\(status)", message: "the service answered \(status)")
        case 400...499:
            self = .deadLetter(
                reason: "status_\(status)",
                message: "the service answered \(status): it refuses the event"
            )
        default:
            // 5xx, and numbers that mean nothing, which a broken proxy may send.
            self = .retry(after: retryAfter, reason: "status_\(status)", message: "the service answered \(status)")
        }
    }

    init(_ error: ClientError) {
        let message = error.description
        switch error {
        case .malformedRequest: self = .deadLetter(reason: "malformed_request", message: message)
        case .couldNotConnect: self = .retry(after: nil, reason: "could_not_connect", message: message)
        case .connectionLost: self = .retry(after: nil, reason: "connection_lost", message: message)
        case .timedOut: self = .retry(after: nil, reason: "timed_out", message: message)
        case .tooLarge: self = .retry(after: nil, reason: "answer_too_large", message: message)
        // A person will repair the certificate, and no event should be lost over it.
        case .tls: self = .retry(after: nil, reason: "tls", message: message)
        case .cancelled: self = .retry(after: nil, reason: "cancelled", message: message)
        case .closed: self = .retry(after: nil, reason: "client_closed", message: message)
        case .busy: self = .retry(after: nil, reason: "client_busy", message: message)
        case .other: self = .retry(after: nil, reason: "other", message: message)
        }
    }
}

/// The header `Retry-After` (RFC 9110, section 10.2.3): how long a service asks clients to wait.
package enum RetryAfter {
    // Limit: the wait holds up one key's events, so the service cannot make it as long as it likes.
    package static let longest = Duration.seconds(3_600)

    /// At most `longest`, zero for the past; nil for neither whole seconds nor a date. `now` is in seconds since 1970.
    package static func wait(_ value: String, now: Int64, longest: Duration = Self.longest) -> Duration? {
        if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // Digits that fit no number are a very long time.
            return min(.seconds(Int64(value) ?? .max), longest)
        }
        guard let date = HTTPDate.secondsSince1970(value, now: now) else { return nil }
        return min(.seconds(max(0, date - now)), longest)
    }
}
