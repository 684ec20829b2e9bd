import HTTPServer
import Synchronization

/// The real HTTP server with a handler that answers by path and writes down what came.
final class AnsweringServer: Sendable {
    struct Seen: Sendable {
        let connection: String
        let method: String
        let fields: [String]
        let body: [UInt8]
    }

    private let seenRequests: SeenRequests
    private let server: Server

    init() throws {
        let seen = SeenRequests()
        guard let address = ListenAddress("127.0.0.1:0") else { throw AnsweringServerError.address }
        server = Server(address: address, makeHandler: { PathHandler($0, seen) })
        seenRequests = seen
        try server.start()
    }

    deinit { _ = server.drain(within: .zero) }

    var seen: [Seen] { seenRequests.list.withLock(\.self) }
    var connectionsAccepted: Int { server.counts.connectionsAccepted }

    func url(_ path: String) -> String { "http://127.0.0.1:\(server.port)\(path)" }

    /// Nothing listens there afterwards.
    func stop() { _ = server.drain(within: .zero) }
}

enum AnsweringServerError: Error {
    case address
}

private final class SeenRequests: Sendable {
    let list = Mutex<[AnsweringServer.Seen]>([])
}

/// `/echo` answers with the body, `/status/<n>` with that status, `/large/<n>` with so many bytes, `/silent` never.
private final class PathHandler: ExchangeHandler {
    private let loop: EventLoop
    private let seen: SeenRequests

    init(_ loop: EventLoop, _ seen: SeenRequests) {
        self.loop = loop
        self.seen = seen
    }

    func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision {
        .read(bodyBytesMax: 1 << 20)
    }

    func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let path = text(request.head.path)
        let body = bytes(request.body)
        var fields: [String] = []
        for index in 0..<request.head.fieldCount {
            let name = text(request.head.name(index))
            let value = text(request.head.value(index))
            fields.append(name + ": " + value)
        }
        let entry = AnsweringServer.Seen(
            connection: "\(request.client)",
            method: text(request.head.method),
            fields: fields,
            body: body
        )
        seen.list.withLock { $0.append(entry) }
        let number = path.split(separator: "/").last.flatMap { Int($0) } ?? 0
        if path.hasPrefix("/silent") { return }
        if path.hasPrefix("/status") {
            let none: [UInt8] = []
            loop.respond(exchange, ResponseHead(status: number, fields: [("Location", "/echo")]), body: none.span)
        } else if path.hasPrefix("/large") {
            let large = [UInt8](repeating: 0x61, count: number)
            loop.respond(exchange, ResponseHead(status: 200), body: large.span)
        } else {
            loop.respond(exchange, ResponseHead(status: 200, fields: [("X-Seen", "yes ")]), body: body.span)
        }
    }

    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) { (ResponseHead(status: 503), []) }
    func abandoned(_ exchange: Exchange) {}

    private func bytes(_ span: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in span.indices { bytes.append(span[index]) }
        return bytes
    }

    private func text(_ span: Span<UInt8>) -> String { String(decoding: bytes(span), as: UTF8.self) }
}
