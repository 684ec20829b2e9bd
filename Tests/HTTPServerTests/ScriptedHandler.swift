import CLinux
import Foundation
import HTTPServer
import TestSupport

/// What a test sees of a server's handlers, and how it tells them to answer.
final class Script: Sendable {
    // Safety: every access to the events happens with the condition's lock held.
    private nonisolated(unsafe) var seen: [String] = []
    private let condition = NSCondition()

    func note(_ event: String) {
        condition.withLock {
            seen.append(event)
            condition.broadcast()
        }
    }

    var events: [String] { condition.withLock { seen } }

    /// Waits until an event was seen this many times.
    func wait(for event: String, times: Int = 1) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 10)
        return condition.withLock {
            while seen.count(where: { $0 == event }) < times {
                guard condition.wait(until: deadline) else { return false }
            }
            return true
        }
    }
}

/// Answers by path:
/// `/echo` the body, `/client` the client's address, `/bytes/N` with N bytes, `/later` when the test rings,
/// `/never` never, `/close` and closes, `/twice` two times; anything else is refused with 404 before its body is read.
final class ScriptedHandler: ExchangeHandler {
    static let bodyBytesMax = 200_000

    private let loop: EventLoop
    private let script: Script
    private var waiting: [(exchange: Exchange, body: [UInt8])] = []
    private let ok = ResponseHead(status: 200, fields: [("Content-Type", "text/plain")], proves: true)

    init(loop: EventLoop, script: Script, bell: Bell) throws {
        self.loop = loop
        self.script = script
        bell.ring(at: try loop.wakeup { [weak self] in self?.answerWaiting() })
    }

    func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision {
        let path = head.path.text
        let known = ["/echo", "/client", "/subject", "/later", "/never", "/close", "/twice"]
        guard known.contains(path) || path.hasPrefix("/bytes/") else {
            return .refuse(ResponseHead(status: 404), Array("no \(path)".utf8))
        }
        return .read(bodyBytesMax: Self.bodyBytesMax)
    }

    func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let path = request.head.path.text
        script.note("handle \(path)")
        switch path {
        case "/later":
            waiting.append((exchange, Array(request.body.text.utf8)))
        case "/never":
            break
        case "/subject":
            loop.respond(exchange, ok, body: Array((loop.clientSubject(of: exchange) ?? "none").utf8).span)
        case "/client":
            loop.respond(exchange, ok, body: Array(request.client.description.utf8).span)
        case "/close":
            loop.respond(exchange, ResponseHead(status: 200, close: true), body: Span())
        case "/twice":
            loop.respond(exchange, ok, body: request.body)
            loop.respond(exchange, ok, body: request.body)
        case "/echo":
            loop.respond(exchange, ok, body: request.body)
        default:
            let bytes = [UInt8](repeating: 0x78, count: Int(path.dropFirst("/bytes/".count)) ?? 0)
            loop.respond(exchange, ok, body: bytes.span)
        }
    }

    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) {
        script.note("expired")
        return (ResponseHead(status: 503, fields: [("Retry-After", "1")]), Array("late".utf8))
    }

    func abandoned(_ exchange: Exchange) {
        script.note("abandoned")
    }

    func refused(
        _ refusal: Refusal,
        from client: ClientAddress,
        because reason: String?
    ) -> (ResponseHead, [UInt8]) {
        script.note("refused \(refusal.rawValue)")
        if let reason { script.note("because \(reason)") }
        return refusal.answer
    }

    /// In an order that is not the one in which they came.
    private func answerWaiting() {
        let answers = waiting
        waiting = []
        for (exchange, body) in answers.reversed() {
            loop.respond(exchange, ok, body: body.span)
        }
        script.note("rang")
    }
}

/// Rings the eventfds of a server's loops.
final class Bell: Sendable {
    // Safety: every access happens with the lock held.
    private nonisolated(unsafe) var descriptors: [Int32] = []
    private let lock = NSLock()

    func ring(at descriptor: Int32) {
        lock.withLock { descriptors.append(descriptor) }
    }

    func ring() {
        for descriptor in lock.withLock({ descriptors }) {
            eventfd_write(descriptor, 1)
        }
    }
}

/// A running server on a port of its own, which no other server gets and no connection comes from.
struct ScriptedServer {
    let server: Server
    let script = Script()
    let bell = Bell()

    init(
        at text: String = "127.0.0.1:\(FreePort.next())",
        loops: Int = 1,
        tls: TLSIdentity? = nil,
        trustedProxies: [AddressRange] = [],
        requiresProxyHeader: Bool = false,
        _ adjust: (inout Limits) -> Void = { _ in }
    ) throws {
        var limits = Limits()
        limits.lingerDeadlineMilliseconds = 5000
        adjust(&limits)
        let script = self.script
        let bell = self.bell
        guard let address = ListenAddress(text) else { throw TestClient.Failure(reason: "address") }
        server = Server(
            address: address,
            loops: loops,
            limits: limits,
            tls: tls,
            trustedProxies: trustedProxies,
            requiresProxyHeader: requiresProxyHeader
        ) { loop in try ScriptedHandler(loop: loop, script: script, bell: bell) }
        try server.start()
    }

    func client(
        receiveBufferBytes: Int32? = nil,
        tls: TLSClientSession.Options? = nil
    ) throws -> TestClient {
        try TestClient(port: server.port, receiveBufferBytes: receiveBufferBytes, tls: tls)
    }

    /// Ends the server; the tests' clients must have closed or been answered.
    @discardableResult
    func stop(within duration: Duration = .seconds(5)) -> Bool {
        server.drain(within: duration)
    }
}
