import HTTPServer

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

/// The answers, made once. Only the event id of a published delivery is filled in for each.
final class Answers: Sendable {
    // Limit: short, because Notion keeps its own schedule; the value is a promise that we expect to be back soon.
    static let retryAfterSeconds = 5

    private let heads: [Outcome: ResponseHead]
    private let bodies: [Outcome: [UInt8]]
    private let published = ResponseHead(status: 200, fields: [("Content-Type", "application/json")])

    init() {
        var heads: [Outcome: ResponseHead] = [:]
        var bodies: [Outcome: [UInt8]] = [:]
        for outcome in Outcome.allCases {
            heads[outcome] = Self.head(outcome)
            bodies[outcome] = Self.body(outcome)
        }
        self.heads = heads
        self.bodies = bodies
    }

    private static func head(_ outcome: Outcome) -> ResponseHead {
        var fields = [("Content-Type", "application/json")]
        if outcome == .methodNotAllowed { fields.append(("Allow", "POST")) }
        if outcome.status == 503 { fields.append(("Retry-After", String(retryAfterSeconds))) }
        return ResponseHead(status: outcome.status, fields: fields, close: outcome == .stopping)
    }

    private static func body(_ outcome: Outcome) -> [UInt8] {
        let member = outcome.status == 200 ? "outcome" : "error"
        let message = outcome.explanation.isEmpty ? "" : #","message":"\#(outcome.explanation)""#
        return Array(#"{"\#(member)":"\#(outcome.rawValue)"\#(message)}"#.utf8)
    }

    func head(of outcome: Outcome) -> ResponseHead { heads[outcome] ?? published }
    func body(of outcome: Outcome) -> [UInt8] { bodies[outcome] ?? [] }

    func answer(_ outcome: Outcome, _ exchange: Exchange, on loop: EventLoop) {
        loop.respond(exchange, head(of: outcome), body: body(of: outcome).span)
    }

    /// `{"id": "<event id>"}`; an id that is not 36 bytes long is not one of Notion's and stays out.
    func published(_ waiting: Waiting, on loop: EventLoop) {
        guard waiting.hasEventID else { return answer(.published, waiting.exchange, on: loop) }
        var body = Self.publishedBody
        for index in 0..<36 { body[8 &+ index] = waiting.eventID[index] }
        loop.respond(waiting.exchange, published, body: body.span)
    }

    private static let publishedBody: InlineArray<46, UInt8> = {
        var body = InlineArray<46, UInt8>(repeating: 0)
        for (index, byte) in #"{"id": ""#.utf8.enumerated() { body[index] = byte }
        body[44] = UInt8(ascii: "\"")
        body[45] = UInt8(ascii: "}")
        return body
    }()
}
