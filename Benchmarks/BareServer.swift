import Foundation
import HTTPServer
import TestSupport

/// Our own front door with nothing behind it: every request is read whole and answered 200.
enum BareServer {
    static func start() async throws -> Contender {
        let port = FreePort.next()
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let child = try ChildProcess(
            own,
            ["serve-bare", String(port)],
            environment: ProcessInfo.processInfo.environment
        )
        try await child.errors.waitForLine(containing: "ready", within: .seconds(10))
        return Contender(name: "bare", port: port, child: child)
    }

    /// Serves until the process is ended.
    static func run(port: String) throws {
        guard let address = ListenAddress("127.0.0.1:\(port)") else {
            throw BenchOptions.UsageError(description: "serve-bare needs a port")
        }
        let server = Server(address: address, loops: 1, limits: Limits()) { BareHandler(loop: $0) }
        try server.start()
        Benchmark.notice("ready")
        while true { pause() }
    }
}

private final class BareHandler: ExchangeHandler {
    private let loop: EventLoop
    private let head = ResponseHead(status: 200, fields: [("Content-Type", "text/plain")])
    private let body = Array("ok".utf8)

    init(loop: EventLoop) {
        self.loop = loop
    }

    func decide(_ head: borrowing RequestHead) -> HeadDecision { .read(bodyBytesMax: 1 << 20) }

    func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let answer = body
        loop.respond(exchange, head, body: answer.span)
    }

    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) { (ResponseHead(status: 503, close: true), []) }
    func abandoned(_ exchange: Exchange) {}
    func refused(_ refusal: Refusal) {}
}
