import HTTPServer
import TestSupport

/// Answers `/pieces/N` with N bytes of a known pattern in pieces of random sizes, as fast as the client takes them;
/// `/open` with a first byte and then what the test asks for by ringing the bell.
final class StreamingHandler: ExchangeHandler {
    private let loop: EventLoop
    private let script: Script
    private let bytesMax: Int
    private let head = ResponseHead(status: 200, fields: [("Content-Type", "text/plain")])
    private var random: SeededGenerator
    private var open: [Exchange] = []

    init(loop: EventLoop, script: Script, bell: Bell, seed: UInt64, bytesMax: Int) throws {
        self.loop = loop
        self.script = script
        self.bytesMax = bytesMax
        random = SeededGenerator(seed: seed)
        bell.ring(at: try loop.wakeup { [weak self] in self?.writeToOpen() })
    }

    /// The pattern of all streams: a wrong, lost or doubled byte shows.
    static func pattern(_ range: Range<Int>) -> [UInt8] {
        range.map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }
    }

    func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision { .read(bodyBytesMax: 1000) }

    func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let path = request.head.path.text
        if let count = Int(path.dropFirst("/pieces/".count)), path.hasPrefix("/pieces/") {
            writePieces(exchange, count)
        } else if path == "/open" {
            beginOpen(exchange)
        } else {
            loop.respond(exchange, head, body: request.body)
        }
    }

    private func writePieces(_ exchange: Exchange, _ count: Int) {
        var written = 0
        let goOn = { [unowned self] in
            while written < count {
                let piece = Self.pattern(written..<min(count, written + Int.random(in: 1...9000, using: &random)))
                guard let room = loop.streamRoom(exchange), let taken = loop.writeStream(exchange, piece.span) else {
                    return script.note("over")
                }
                if room > bytesMax || taken != min(room, piece.count) { script.note("beyond") }
                written += taken
                if taken < piece.count { return script.note("full") }
            }
            loop.endStream(exchange)
        }
        let begun = loop.beginStream(exchange, head) { [unowned self] event in
            script.note("\(event)")
            if event == .room { goOn() }
        }
        script.note(begun ? "begun" : "not begun")
        if begun { goOn() }
    }

    private func beginOpen(_ exchange: Exchange) {
        let begun = loop.beginStream(exchange, head) { [unowned self] event in
            script.note("\(event)")
            if event == .stopping { _ = loop.writeStream(exchange, Array("bye".utf8).span) }
        }
        guard begun else { return }
        _ = loop.writeStream(exchange, Array("hello".utf8).span)
        open.append(exchange)
        script.note("open")
    }

    private func writeToOpen() {
        for exchange in open {
            script.note("wrote \(loop.writeStream(exchange, [0x2E].span) ?? -1)")
        }
    }

    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) { (ResponseHead(status: 503), []) }
    func abandoned(_ exchange: Exchange) { script.note("abandoned") }
    func refused(
        _ refusal: Refusal,
        from client: ClientAddress,
        because reason: String?
    ) -> (ResponseHead, [UInt8]) {
        script.note("refused \(refusal.rawValue)")
        return refusal.answer
    }
}

/// A running server of streams.
struct StreamingServer {
    let server: Server
    let script = Script()
    let bell = Bell()

    init(seed: UInt64 = 1, _ adjust: (inout Limits) -> Void = { _ in }) throws {
        var limits = Limits()
        limits.lingerDeadlineMilliseconds = 5000
        adjust(&limits)
        let script = self.script
        let bell = self.bell
        guard let address = ListenAddress("127.0.0.1:0") else { throw TestClient.Failure(reason: "address") }
        let bytesMax = limits.streamBytesMax
        server = Server(address: address, limits: limits) { loop in
            try StreamingHandler(loop: loop, script: script, bell: bell, seed: seed, bytesMax: bytesMax)
        }
        try server.start()
    }

    func client(receiveBufferBytes: Int32? = nil) throws -> TestClient {
        try TestClient(port: server.port, receiveBufferBytes: receiveBufferBytes)
    }
}
