import Foundation
import HTTPServer
import TestSupport

/// Our HTTP server with nothing behind it: every request is read whole and answered 200.
enum BareServer {
    static func start(_ arguments: [String] = [], certificate: Certificate? = nil) async throws -> Contender {
        let port = FreePort.next()
        var options = [String(port)] + arguments
        if let certificate {
            options += ["--certificate", certificate.certificatePath, "--key", certificate.keyPath]
        }
        let child = try Benchmark.child(["serve-bare"] + options)
        try await child.errors.waitForLine(containing: "ready", within: .seconds(10))
        let isSecure = certificate != nil
        return Contender(
            name: isSecure ? "bare-tls" : "bare",
            scheme: isSecure ? "https" : "http",
            port: port,
            child: child
        )
    }

    /// `serve-bare PORT [--certificate FILE --key FILE] [--count-allocations REQUESTS]`: serves until the process is
    /// ended.
    static func run(_ arguments: [String]) throws {
        guard let port = arguments.first, let address = ListenAddress("127.0.0.1:\(port)") else {
            throw BenchOptions.UsageError(description: "serve-bare needs a port")
        }
        var options: [String: String] = [:]
        for index in stride(from: 1, to: arguments.count - 1, by: 2) {
            options[arguments[index]] = arguments[index + 1]
        }
        var identity: TLSIdentity?
        if let certificate = options["--certificate"], let key = options["--key"] {
            identity = try TLSIdentity(TLSFiles(certificate: certificate, key: key))
        }
        let counted = options["--count-allocations"].flatMap { Int($0) }
        let server = Server(address: address, loops: 1, limits: limits, tls: identity) { loop in
            BareHandler(loop: loop, count: counted.map { AllocationCount(requests: $0) })
        }
        try server.start()
        Benchmark.notice("ready")
        while true { pause() }
    }

    /// Room for busy connections beside ten thousand idle ones, for as long as a run takes.
    private static var limits: Limits {
        var limits = Limits()
        limits.connectionsMax = 16_384
        limits.idleDeadlineMilliseconds = 3_600_000
        return limits
    }
}

private final class BareHandler: ExchangeHandler {
    private let loop: EventLoop
    private let count: AllocationCount?
    private let head = ResponseHead(status: 200, fields: [("Content-Type", "text/plain")])
    private let body = Array("ok".utf8)

    init(loop: EventLoop, count: AllocationCount?) {
        self.loop = loop
        self.count = count
    }

    func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision {
        .read(bodyBytesMax: 1 << 20)
    }

    func handle(_ request: borrowing Request, _ exchange: Exchange) {
        if let count {
            count.countRequest()
        }
        let answer = body
        loop.respond(exchange, head, body: answer.span)
    }

    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) { (ResponseHead(status: 503, close: true), []) }
    func abandoned(_ exchange: Exchange) {}
}
