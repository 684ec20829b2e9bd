import HTTPServer
import NotionWebhooks
import Simulator
import Synchronization

/// A receiver on the real front door that verifies, remembers what it acknowledged, and answers as it is told.
final class RecordingReceiver: Sendable {
    struct Arrival: Sendable {
        let eventID: String
        let entityID: String
        let connection: String
        let status: Int
        let body: [UInt8]
    }

    /// The status for a verified event that has come so many times before; nil never answers.
    typealias Verdict = @Sendable (_ eventID: String, _ before: Int) -> Int?

    private let memory: Memory
    private let server: Server

    init(_ verdict: @escaping Verdict = { _, _ in 200 }) throws {
        guard let address = ListenAddress("127.0.0.1:0") else { throw RecordingReceiverError.address }
        let memory = Memory()
        server = Server(address: address, makeHandler: { VerifyingHandler($0, memory, verdict) })
        self.memory = memory
        try server.start()
    }

    deinit { stop() }

    var url: String { "http://127.0.0.1:\(server.port)/notion/webhooks" }
    var arrivals: [Arrival] { memory.arrivals.withLock(\.self) }
    var acknowledged: [Arrival] { arrivals.filter { $0.status == 200 } }
    var unsigned: Int { memory.refused.withLock(\.self) }
    var handshakes: Int { memory.handshakes.withLock(\.self) }
    var connectionsAccepted: Int { server.counts.connectionsAccepted }

    func stop() { _ = server.drain(within: .zero) }
}

enum RecordingReceiverError: Error {
    case address
}

private final class Memory: Sendable {
    let arrivals = Mutex<[RecordingReceiver.Arrival]>([])
    let refused = Mutex(0)
    let handshakes = Mutex(0)
}

private final class VerifyingHandler: ExchangeHandler {
    private let loop: EventLoop
    private let memory: Memory
    private let verdict: RecordingReceiver.Verdict
    private let verifier = SignatureVerifier(tokens: [testToken])
    private var timesSeen: [String: Int] = [:]

    init(_ loop: EventLoop, _ memory: Memory, _ verdict: @escaping RecordingReceiver.Verdict) {
        self.loop = loop
        self.memory = memory
        self.verdict = verdict
    }

    func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision {
        head.methodIs("POST") && head.pathIs("/notion/webhooks")
            ? .read(bodyBytesMax: 1 << 20) : .refuse(ResponseHead(status: 404), [])
    }

    func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let none: [UInt8] = []
        if let status = answer(request) {
            loop.respond(exchange, ResponseHead(status: status), body: none.span)
        }
    }

    private func answer(_ request: borrowing Request) -> Int? {
        let untrusted = UntrustedDelivery(
            body: request.body,
            signature: request.head.first(named: "x-notion-signature"),
            signatureCount: request.head.count(named: "x-notion-signature")
        )
        do {
            let verified = try verifier.verify(untrusted)
            if Handshake.recognise(untrusted) != nil {
                memory.handshakes.withLock { $0 += 1 }
                return 200
            }
            let delivery = try Delivery(verified)
            let before = timesSeen[delivery.eventID, default: 0]
            timesSeen[delivery.eventID] = before + 1
            let status = verdict(delivery.eventID, before)
            var body: [UInt8] = []
            for index in request.body.indices { body.append(request.body[index]) }
            let arrival = RecordingReceiver.Arrival(
                eventID: delivery.eventID,
                entityID: delivery.entityID,
                connection: "\(request.client)",
                status: status ?? 0,
                body: body
            )
            memory.arrivals.withLock { $0.append(arrival) }
            return status
        } catch {
            memory.refused.withLock { $0 += 1 }
            return 401
        }
    }

    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) { (ResponseHead(status: 503), []) }
    func abandoned(_ exchange: Exchange) {}
}
