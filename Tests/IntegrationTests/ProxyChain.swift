import Foundation
import HTTPServer
import Synchronization
import TestSupport

/// A proxy of the distribution in front of a server of ours that says in each answer which request it answers.
final class ProxyChain: Sendable {
    enum Proxy: String, CaseIterable, Sendable {
        case nginx
        case haproxy
    }

    let port = FreePort.next()
    private let folder: TemporaryDirectory
    private let server: Server
    private let child: ChildProcess

    init(_ proxy: Proxy) async throws {
        folder = try TemporaryDirectory("chain")
        let backend = FreePort.next()
        guard let address = ListenAddress("127.0.0.1:\(backend)") else { throw SpawnFailure(reason: "no address") }
        let seen = Seen()
        server = Server(address: address) { TellingHandler(loop: $0, seen: seen) }
        self.seen = seen
        try server.start()
        let configuration =
            proxy == .nginx
            ? Self.nginx(port: port, backend: backend, folder.path) : Self.haproxy(port: port, backend: backend)
        try folder.write(configuration, to: "proxy.conf")
        let environment = ProcessInfo.processInfo.environment
        let path = (environment["PATH"] ?? "") + ":/usr/sbin"
        child = try ChildProcess(
            proxy.rawValue,
            proxy == .nginx
                ? ["-p", folder.path, "-e", folder.file("errors"), "-c", folder.file("proxy.conf")]
                : ["-db", "-f", folder.file("proxy.conf")],
            environment: environment.merging(["PATH": path]) { _, given in given }
        )
        let port = self.port
        try await eventually(within: .seconds(10), "\(proxy) on its port") { () -> Bool? in
            guard self.child.isRunning else { throw SpawnFailure(reason: self.child.errors.tail()) }
            return LoopbackConnection(port: port) == nil ? nil : true
        }
    }

    private let seen: Seen

    /// Requests that reached our handler so far.
    var requests: [String] { seen.requests }

    func end() async {
        child.signal(SIGTERM)
        _ = await child.exitStatus()
        _ = server.drain(within: .seconds(5))
    }

    struct SpawnFailure: Error {
        let reason: String
    }

    /// Waits are short: a framing that is not complete is to end soon.
    private static func nginx(port: Int, backend: Int, _ path: String) -> String {
        """
        daemon off;
        worker_processes 1;
        pid \(path)/nginx.pid;
        events { worker_connections 256; }
        http {
            access_log off;
            client_header_timeout 300ms;
            client_body_timeout 300ms;
            keepalive_timeout 300ms;
            client_body_temp_path \(path)/body;
            proxy_temp_path \(path)/proxy;
            fastcgi_temp_path \(path)/fastcgi;
            uwsgi_temp_path \(path)/uwsgi;
            scgi_temp_path \(path)/scgi;
            upstream edge { server 127.0.0.1:\(backend); keepalive 1; }
            server {
                listen 127.0.0.1:\(port);
                location / {
                    proxy_pass http://edge;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                    proxy_next_upstream off;
                }
            }
        }

        """
    }

    private static func haproxy(port: Int, backend: Int) -> String {
        """
        defaults
            mode http
            timeout connect 2s
            timeout server 2s
            timeout client 300ms
            timeout http-request 300ms
            timeout http-keep-alive 300ms
            retries 0
            option http-keep-alive
        frontend public
            bind 127.0.0.1:\(port)
            default_backend edge
        backend edge
            http-reuse always
            server edge 127.0.0.1:\(backend) pool-max-conn 1

        """
    }
}

/// What a server was asked, with a number for each.
private final class Seen: Sendable {
    private let list = Mutex<[String]>([])

    var requests: [String] { list.withLock { $0 } }

    func note(_ request: String) -> Int {
        list.withLock { list in
            list.append(request)
            return list.count
        }
    }
}

/// Answers every request with its number, method, target and body.
private final class TellingHandler: ExchangeHandler {
    private let loop: EventLoop
    private let seen: Seen

    init(loop: EventLoop, seen: Seen) {
        self.loop = loop
        self.seen = seen
    }

    func decide(_ head: borrowing RequestHead, from peer: ClientAddress) -> HeadDecision { .read(bodyBytesMax: 65_536) }

    func handle(_ request: borrowing Request, _ exchange: Exchange) {
        let told = "\(request.head.method.text) \(request.head.target.text) \(request.body.text.debugDescription)"
        let number = seen.note(told)
        let head = ResponseHead(status: 200, fields: [("X-Request", String(number))])
        loop.respond(exchange, head, body: Array(told.utf8).span)
    }

    func expired(_ exchange: Exchange) -> (ResponseHead, [UInt8]) { (ResponseHead(status: 503, close: true), []) }
    func abandoned(_ exchange: Exchange) {}
}
