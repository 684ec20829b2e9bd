import HTTPServer
import Kafka
import NotionWebhooks

/// The answers, made once. Only the event id of a published delivery is filled in for each.
final class Answers: Sendable {
    // Limit: short, because most outages are; Notion keeps its own schedule anyway.
    static let retryAfterSeconds = 5

    private let heads: [DeliveryOutcome: ResponseHead]
    private let bodies: [DeliveryOutcome: [UInt8]]
    private let published = ResponseHead(
        status: 200,
        fields: [("Content-Type", "application/json")],
        proves: true
    )

    init() {
        var heads: [DeliveryOutcome: ResponseHead] = [:]
        var bodies: [DeliveryOutcome: [UInt8]] = [:]
        for outcome in DeliveryOutcome.allCases {
            heads[outcome] = Self.head(outcome)
            bodies[outcome] = Self.body(outcome)
        }
        self.heads = heads
        self.bodies = bodies
    }

    private static func head(_ outcome: DeliveryOutcome) -> ResponseHead {
        var fields = [("Content-Type", "application/json")]
        if outcome == .methodNotAllowed { fields.append(("Allow", "POST")) }
        if outcome == .unsupportedEncoding { fields.append(("Accept-Encoding", "identity")) }
        if outcome.status == 503 { fields.append(("Retry-After", String(retryAfterSeconds))) }
        return ResponseHead(status: outcome.status, fields: fields, close: outcome == .stopping)
    }

    private static func body(_ outcome: DeliveryOutcome, because refusal: Refusal? = nil) -> [UInt8] {
        let member = outcome.status == 200 ? "outcome" : "error"
        let text = refusal?.hint ?? outcome.explanation
        let message = text.isEmpty ? "" : #","message":"\#(text)""#
        let reason = refusal.map { #","reason":"\#($0.rawValue)""# } ?? ""
        return Array(#"{"\#(member)":"\#(outcome.rawValue)"\#(message)\#(reason)}"#.utf8)
    }

    func head(of outcome: DeliveryOutcome) -> ResponseHead { heads[outcome] ?? published }
    func body(of outcome: DeliveryOutcome) -> [UInt8] { bodies[outcome] ?? [] }

    /// What a balancer's probe is told; nil for any other request.
    func health(_ head: borrowing RequestHead, _ context: ReceiverContext) -> HeadDecision? {
        guard head.methodIs("GET") || head.methodIs("HEAD"), head.pathIs(context.settings.healthPath) else {
            return nil
        }
        let isReady = context.isReady()
        let answer = ResponseHead(
            status: isReady ? 200 : 503,
            fields: [("Content-Type", "text/plain"), ("Cache-Control", "no-store")]
        )
        return .refuse(answer, head.methodIs("HEAD") ? [] : Array((isReady ? "ready\n" : "not ready\n").utf8))
    }

    /// The answer to a request that the server refused; the body names the exact reason too.
    func answer(to refusal: Refusal) -> (ResponseHead, [UInt8]) {
        let outcome = DeliveryOutcome(refusal)
        return (head(of: outcome), Self.body(outcome, because: refusal))
    }

    func answer(_ outcome: DeliveryOutcome, _ exchange: Exchange, on loop: EventLoop) {
        loop.respond(exchange, head(of: outcome), body: body(of: outcome).span)
    }

    /// Where the record is: `{"id": "<event id>", "partition": 3, "offset": 42}`, and for a dead letter its outcome in
    /// place of the id. An id that is not 36 bytes long is not one of Notion's and stays out, as does an offset that
    /// Kafka did not give.
    func acknowledged(_ waiting: Waiting, _ report: DeliveryReport, on loop: EventLoop) {
        guard waiting.hasEventID else {
            let offset = report.offset < 0 ? "" : #","offset":\#(report.offset)"#
            let body = #"{"outcome":"\#(waiting.outcome.rawValue)","partition":\#(report.partition)\#(offset)}"#
            return loop.respond(waiting.exchange, published, body: Array(body.utf8).span)
        }
        var body = AcknowledgedBody(waiting.eventID)
        body.append(UInt64(max(0, report.partition)))
        if report.offset >= 0 { body.append(offset: UInt64(report.offset)) }
        body.end()
        loop.respond(waiting.exchange, published, body: body.bytes.span.extracting(0..<body.count))
    }
}

/// The body of an event's 200, in place: the answer of each delivery allocates nothing.
struct AcknowledgedBody {
    // Limit: 60 bytes with the id, 12 of the offset's name, 10 and 19 digits, and the brace: 102 at most.
    private(set) var bytes: InlineArray<104, UInt8>
    private(set) var count = Self.textBytes

    private static let textBytes = 60
    private static let start: InlineArray<104, UInt8> = {
        var bytes = InlineArray<104, UInt8>(repeating: 0)
        let text = #"{"id": "\#(String(repeating: " ", count: 36))", "partition": "#
        for (index, byte) in text.utf8.enumerated() { bytes[index] = byte }
        return bytes
    }()

    private static let offsetName: InlineArray<12, UInt8> = {
        var bytes = InlineArray<12, UInt8>(repeating: 0)
        for (index, byte) in #", "offset": "#.utf8.enumerated() { bytes[index] = byte }
        return bytes
    }()

    init(_ id: InlineArray<36, UInt8>) {
        bytes = Self.start
        for index in 0..<36 { bytes[8 &+ index] = id[index] }
    }

    mutating func append(offset: UInt64) {
        for index in 0..<12 { bytes[count &+ index] = Self.offsetName[index] }
        count &+= 12
        append(offset)
    }

    mutating func append(_ number: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var left = number
        var first = 20
        repeat {
            first &-= 1
            digits[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: left % 10)
            left /= 10
        } while left > 0
        for index in first..<20 {
            bytes[count] = digits[index]
            count &+= 1
        }
    }

    mutating func end() {
        bytes[count] = UInt8(ascii: "}")
        count &+= 1
    }
}

extension DeliveryOutcome {
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
        case .unsupportedEncoding:
            "Content-Encoding must be identity: no body is decoded, because the signature is of its bytes"
        case .malformedRequest: "the request's framing is wrong or could be read in two ways"
        case .requestLineTooLong: "the request line is too long"
        case .headersTooLarge: "the headers are too large"
        case .expectationFailed: "Expect may be 100-continue, once, and nothing else"
        case .notImplemented: "chunked is the only transfer coding that is supported"
        case .unsupportedVersion: "only HTTP/1.1 and HTTP/1.0 are supported"
        case .slowRequest: "the request took too long to arrive"
        case .overloaded: "too many deliveries wait for Kafka; send it again later"
        case .verificationLimited: "too many bytes came from this network that no token verifies; send it again later"
        case .brokerUnavailable: "Kafka does not take the record; send it again later"
        case .tokensUnknown:
            "the subscriptions topic could not be read yet, and no known token fits; send it again later"
        case .deadlineExceeded: "Kafka has not acknowledged the record in time; send it again later"
        case .stopping: "this replica is stopping; send it again"
        }
    }

    init(_ error: SignatureError) { self = error == .missing ? .unsigned : .badSignature }

    /// What the server refuses before a delivery can be looked at, and connections that get no answer at all.
    init(_ refusal: Refusal) {
        self =
            switch refusal {
            case .badRequestLine, .badTarget, .bareLineFeed, .bareCarriageReturn, .controlCharacter, .badFieldName,
                .foldedField, .missingHost, .repeatedHost, .badHost, .badContentLength, .repeatedContentLength,
                .lengthBesideTransferEncoding, .repeatedTransferEncoding, .transferEncodingInOldVersion,
                .upgradeWithBody, .badChunkSize, .badChunkExtension, .badChunkEnd, .badTrailer, .truncated,
                .tlsHandshakeFailed, .plaintextOnTLSPort, .tlsOnPlainPort, .proxyProtocol, .proxyProtocolMissing,
                .badProxyProtocol, .proxyProtocolUntrusted:
                .malformedRequest
            case .requestLineTooLong: .requestLineTooLong
            case .headTooLarge, .tooManyFields, .trailersTooLarge: .headersTooLarge
            case .unsupportedExpectation: .expectationFailed
            case .unsupportedTransferEncoding: .notImplemented
            case .unsupportedVersion: .unsupportedVersion
            case .bodyTooLarge: .tooLarge
            case .slowHead, .slowBody, .slowReader, .slowHandshake: .slowRequest
            case .bodiesOverBudget, .tooManyConnections: .overloaded
            }
    }
}
