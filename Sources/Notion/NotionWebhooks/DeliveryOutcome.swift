/// Every way a delivery can end, by its word and status: the answer that Notion gets, the label of metrics, the word in
/// logs, and a row in the table of answers.
package enum DeliveryOutcome: String, CaseIterable, Sendable {
    case published
    case handshake
    case deadLettered = "dead_lettered"
    case unsigned
    case badSignature = "bad_signature"
    case tooLarge = "too_large"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case unsupportedEncoding = "unsupported_encoding"
    case malformedRequest = "malformed_request"
    case requestLineTooLong = "request_line_too_long"
    case headersTooLarge = "headers_too_large"
    case expectationFailed = "expectation_failed"
    case notImplemented = "not_implemented"
    case unsupportedVersion = "unsupported_version"
    case slowRequest = "slow_request"
    case overloaded
    case verificationLimited = "verification_limited"
    case brokerUnavailable = "broker_unavailable"
    case tokensUnknown = "tokens_unknown"
    case deadlineExceeded = "deadline_exceeded"
    case stopping

    package var status: Int {
        switch self {
        case .published, .handshake, .deadLettered: 200
        case .malformedRequest: 400
        case .unsigned, .badSignature: 401
        case .notFound: 404
        case .methodNotAllowed: 405
        case .slowRequest: 408
        case .tooLarge: 413
        case .requestLineTooLong: 414
        case .unsupportedEncoding: 415
        case .expectationFailed: 417
        case .headersTooLarge: 431
        case .notImplemented: 501
        case .overloaded, .verificationLimited, .brokerUnavailable, .tokensUnknown, .deadlineExceeded, .stopping: 503
        case .unsupportedVersion: 505
        }
    }
}
