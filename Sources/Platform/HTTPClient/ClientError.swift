/// Why there is no answer. The texts name hosts and causes, never headers or bodies.
package enum ClientError: Error, Sendable, Equatable {
    /// No name, no route, nobody listening: not one byte of the request was sent.
    case couldNotConnect(String)
    /// The connection broke after it was made: whether the request was worked on is unknown.
    case connectionLost(String)
    /// The request's time-out or the connect time-out passed.
    case timedOut
    /// The answer's header or body passed its limit.
    case tooLarge
    /// The certificate or the TLS handshake was refused.
    case tls(String)
    /// The task was cancelled.
    case cancelled
    /// ``Client/close()`` was called.
    case closed
    /// ``ClientSettings/requestsMax`` requests were waiting or on the wire, or every lane was taken.
    case busy
    /// The request could be read as something else, or its address not at all; it was not sent.
    case malformedRequest(String)
    /// Any other refusal of libcurl, with its number.
    case other(code: Int, message: String)
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .couldNotConnect(let message): "could not connect: \(message)"
        case .connectionLost(let message): "connection lost: \(message)"
        case .timedOut: "timed out"
        case .tooLarge: "the answer is larger than its limit"
        case .tls(let message): "TLS: \(message)"
        case .cancelled: "cancelled"
        case .closed: "the client is closed"
        case .busy: "too many requests are waiting"
        case .malformedRequest(let message): "malformed request: \(message)"
        case .other(let code, let message): "libcurl \(code): \(message)"
        }
    }
}
