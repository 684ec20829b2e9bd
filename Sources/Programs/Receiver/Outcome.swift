/// Every way a delivery can end: the answer's status, the metric's label, the log's verdict, a row of README's table.
package enum Outcome: String, CaseIterable, Sendable {
    case published
    case handshake
    case deadLettered = "dead_lettered"
    case unsigned
    case badSignature = "bad_signature"
    case tooLarge = "too_large"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case malformedRequest = "malformed_request"
    case headersTooLarge = "headers_too_large"
    case slowRequest = "slow_request"
    case overloaded
    case brokerUnavailable = "broker_unavailable"
    case tokensUnknown = "tokens_unknown"
    case deadlineExceeded = "deadline_exceeded"
    case stopping

    package var status: Int {
        switch self {
        case .published, .handshake, .deadLettered: 200
        case .unsigned, .badSignature: 401
        case .tooLarge: 413
        case .notFound: 404
        case .methodNotAllowed: 405
        case .malformedRequest: 400
        case .headersTooLarge: 431
        case .slowRequest: 408
        case .overloaded, .brokerUnavailable, .tokensUnknown, .deadlineExceeded, .stopping: 503
        }
    }

    /// What the sender is told, and what to do about it. Empty for the answers that carry something else.
    package var explanation: String {
        switch self {
        case .published, .deadLettered: ""
        case .handshake: "verification token received; an operator can read it"
        case .unsigned: "X-Notion-Signature is missing; Notion signs every delivery"
        case .badSignature: "X-Notion-Signature is not the one signature that an active verification token gives"
        case .tooLarge: "the body is larger than this receiver (body_bytes_max) or the topic (max.message.bytes) takes"
        case .notFound: "no webhook lives at this path"
        case .methodNotAllowed: "a delivery is a POST"
        case .malformedRequest: "the request's framing is wrong or could be read in two ways"
        case .headersTooLarge: "the request line or headers are too large"
        case .slowRequest: "the request took too long to arrive"
        case .overloaded: "too many deliveries wait for Kafka; send it again later"
        case .brokerUnavailable: "Kafka does not take the record; send it again later"
        case .tokensUnknown:
            "the subscriptions topic could not be read yet, and no known token fits; send it again later"
        case .deadlineExceeded: "Kafka has not acknowledged the record in time; send it again later"
        case .stopping: "this replica is stopping; send it again"
        }
    }
}
