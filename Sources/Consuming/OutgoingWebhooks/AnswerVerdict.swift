package import HTTPClient
import Timestamps

package enum AnswerVerdict: Sendable, Equatable {
    case done
    /// Try again, not before `after`, if the service said so: the event may be to blame, or the service. Reason and
    /// message are used once the attempts run out.
    case retry(after: Duration?, reason: String, message: String)
    /// The service is in trouble, wants time, or is not where it is looked for; the event is not to blame.
    case hold(after: Duration?, reason: String, message: String)
    /// Trying again would bring the same answer. The reason is a word of `[a-z0-9_]`, the message one line for people.
    case deadLetter(reason: String, message: String)

    package init(_ answer: Result<ClientResponse, ClientError>, _ rules: AnswerRules) {
        switch answer {
        case .failure(let error): self.init(error)
        case .success(let response):
            // First, and without a text or a look at the headers: most answers are such.
            guard !(200...299).contains(response.status) else {
                self = .done
                return
            }
            let wait = response.header("retry-after").flatMap {
                RetryAfter.wait($0, now: rules.now, longest: rules.waitMax)
            }
            self.init(status: response.status, retryAfter: wait, rules)
        }
    }

    private init(status: Int, retryAfter: Duration?, _ rules: AnswerRules) {
        let reason = "status_\(status)"
        let message = "the service answered \(status)"
        switch status {
        case 410: self = .deadLetter(reason: "gone", message: "the service answered 410: it wants no more events here")
        case 429: self = .hold(after: retryAfter ?? rules.busyPause, reason: reason, message: message)
        case 503 where retryAfter != nil: self = .hold(after: retryAfter, reason: reason, message: message)
        case 408, 425: self = .retry(after: retryAfter, reason: reason, message: message)
        case 400...499 where rules.deadLetterStatuses.contains(status):
            self = .deadLetter(reason: reason, message: message + ": it refuses the event")
        case 300...499:
            let message = message + (status < 400 ? Self.redirected : Self.misplaced)
            self =
                rules.hasSucceeded
                ? .retry(after: retryAfter, reason: reason, message: message)
                : .hold(after: retryAfter, reason: reason, message: message)
        // 5xx, and numbers that mean nothing, which a broken proxy may send.
        default: self = .retry(after: retryAfter, reason: reason, message: message)
        }
    }

    private static let redirected = "; redirects are not followed, so give its final address"
    private static let misplaced = "; are its address and credentials right?"

    private init(_ error: ClientError) {
        let message = error.description
        switch error {
        case .malformedRequest: self = .deadLetter(reason: "malformed_request", message: message)
        case .couldNotConnect: self = .hold(after: nil, reason: "could_not_connect", message: message)
        // A person will repair the certificate, and no event should be lost over it.
        case .tls: self = .hold(after: nil, reason: "tls", message: message)
        case .notHTTP: self = .retry(after: nil, reason: "not_http", message: message)
        case .connectionLost: self = .retry(after: nil, reason: "connection_lost", message: message)
        case .timedOut: self = .retry(after: nil, reason: "timed_out", message: message)
        case .tooLarge: self = .retry(after: nil, reason: "answer_too_large", message: message)
        case .cancelled: self = .retry(after: nil, reason: "cancelled", message: message)
        case .closed: self = .retry(after: nil, reason: "client_closed", message: message)
        case .busy: self = .retry(after: nil, reason: "client_busy", message: message)
        case .other: self = .retry(after: nil, reason: "other", message: message)
        }
    }
}

/// What an answer's meaning depends on beside itself.
package struct AnswerRules: Sendable {
    /// Seconds since 1970, for a `Retry-After` that is a date.
    package var now: Int64
    /// The longest wait that the service gets.
    package var waitMax = RetryAfter.longest
    /// What a service that is too busy gets if it does not say.
    package var busyPause = Duration.seconds(1)
    /// Statuses of 400 to 499 that refuse the event for good.
    package var deadLetterStatuses: Set<Int> = Self.refusals
    /// Whether the service has taken an event before: its address is right, then.
    package var hasSucceeded = false

    package static let refusals: Set<Int> = [400, 410, 413, 415, 422]

    package init(now: Int64) { self.now = now }
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
