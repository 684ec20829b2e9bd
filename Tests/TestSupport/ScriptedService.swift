package import HTTPServer
import Synchronization

/// A service in this process, on the real HTTP server: a script decides how each request is answered, and the requests
/// are recorded.
package final class ScriptedService: Sendable {
    package struct Request: Sendable {
        /// From 1, in the order in which they came.
        package let number: Int
        package let method: String
        /// With its query.
        package let target: String
        /// By their names in lower case.
        package let headers: [String: String]
        package let body: [UInt8]

        /// The event's id, as it was written.
        package var id: String { headers["webhook-id"] ?? "" }
    }

    package enum Answer: Sendable {
        /// At once, or after so many ticks of a millisecond and more.
        case status(Int, retryAfter: String? = nil, afterTicks: Int = 0)
        /// At once, with headers and a body.
        case reply(Int, headers: [(String, String)] = [], body: String = "")
        /// 204 for all of them, once so many requests wait for it at the same time.
        case together(Int)
        case none
    }

    /// What has happened, in the order of the service's one thread.
    package enum Entry: Sendable, Equatable {
        case began(String)
        case answered(String, Int)
    }

    fileprivate struct State {
        var requests: [Request] = []
        var entries: [Entry] = []
        var underWay = 0
        var underWayMax = 0
    }

    fileprivate final class Log: Sendable {
        let state = Mutex(State())
    }

    package struct Failure: Error {}

    private let log: Log
    private let server: Server

    /// `script` is called on the service's thread.
    package init(tls: TLSIdentity? = nil, _ script: @escaping @Sendable (Request) -> Answer) throws {
        guard let address = ListenAddress("127.0.0.1:0") else { throw Failure() }
        let log = Log()
        self.log = log
        server = Server(address: address, tls: tls, makeHandler: { ScriptHandler($0, log, script) })
        try server.start()
    }

    deinit { stop() }

    package var url: String { "http://127.0.0.1:\(server.port)/events" }
    package var port: Int { server.port }
    package var requests: [Request] { log.state.withLock(\.requests) }
    package var entries: [Entry] { log.state.withLock(\.entries) }
    /// The most requests that waited for their answers at once.
    package var underWayMax: Int { log.state.withLock(\.underWayMax) }

    /// Nothing listens there afterwards.
    package func stop() { _ = server.drain(within: .zero) }
}

private final class ScriptHandler: ExchangeHandler {
    private struct Waiting {
        let exchange: Exchange
        let id: String
        let status: Int
        let retryAfter: String?
        var ticks: Int
    }

    private let loop: EventLoop
    private let log: ScriptedService.Log
    private let script: @Sendable (ScriptedService.Request) -> ScriptedService.Answer
    private var waiting: [Waiting] = []
    private var gathered: [(exchange: Exchange, id: String)] = []

    init(
        _ loop: EventLoop,
        _ log: ScriptedService.Log,
        _ script: @escaping @Sendable (ScriptedService.Request) -> ScriptedService.Answer
    ) {
        self.loop = loop
        self.log = log
        self.script = script
        loop.every(milliseconds: 1) { [unowned self] in tick() }
    }

    func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision {
        .read(bodyBytesMax: 1 << 20)
    }

    func handle(_ request: borrowing Request, _ exchange: Exchange) {
        var headers: [String: String] = [:]
        for index in 0..<request.head.fieldCount {
            headers[text(request.head.name(index)).lowercased()] = text(request.head.value(index))
        }
        let body = bytes(request.body)
        let method = text(request.head.method)
        let target = text(request.head.target)
        let seen = log.state.withLock { state in
            let seen = ScriptedService.Request(
                number: state.requests.count + 1,
                method: method,
                target: target,
                headers: headers,
                body: body
            )
            state.requests.append(seen)
            state.entries.append(.began(seen.id))
            state.underWay += 1
            state.underWayMax = max(state.underWayMax, state.underWay)
            return seen
        }
        switch script(seen) {
        case .none: break
        case .status(let status, let retryAfter, 0): answer(exchange, seen.id, status, retryAfter)
        case .reply(let status, let headers, let body):
            answer(exchange, seen.id, ResponseHead(status: status, fields: headers), Array(body.utf8))
        case .status(let status, let retryAfter, let ticks):
            waiting.append(
                Waiting(exchange: exchange, id: seen.id, status: status, retryAfter: retryAfter, ticks: ticks)
            )
        case .together(let count):
            gathered.append((exchange, seen.id))
            guard gathered.count >= count else { return }
            for (exchange, id) in gathered { answer(exchange, id, 204, nil) }
            gathered = []
        }
    }

    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) { (ResponseHead(status: 503), []) }
    func abandoned(_ exchange: Exchange) { log.state.withLock { $0.underWay -= 1 } }

    private func tick() {
        let all = waiting
        waiting = []
        for var entry in all {
            entry.ticks -= 1
            if entry.ticks > 0 {
                waiting.append(entry)
            } else {
                answer(entry.exchange, entry.id, entry.status, entry.retryAfter)
            }
        }
    }

    private func answer(_ exchange: Exchange, _ id: String, _ status: Int, _ retryAfter: String?) {
        let fields = retryAfter.map { [("Retry-After", $0)] } ?? []
        answer(exchange, id, ResponseHead(status: status, fields: fields), [])
    }

    private func answer(_ exchange: Exchange, _ id: String, _ head: ResponseHead, _ body: [UInt8]) {
        log.state.withLock { state in
            state.entries.append(.answered(id, head.status))
            state.underWay -= 1
        }
        loop.respond(exchange, head, body: body.span)
    }

    private func bytes(_ span: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in span.indices { bytes.append(span[index]) }
        return bytes
    }

    private func text(_ span: Span<UInt8>) -> String { String(decoding: bytes(span), as: UTF8.self) }
}
