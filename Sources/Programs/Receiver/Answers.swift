import HTTPServer

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
