import HTTPServer
import TestSupport
import Testing

@testable import Operations

@Suite
struct OperationsServerTests {
    private static var loops: LoopWatch { LoopWatch(log: Log(sink: { _ in })) }

    /// A server with a route of its own, and what it answers to a request.
    private func exchange(_ request: String, health: Health = Health()) throws -> String {
        let registry = MetricRegistry()
        registry.counter("a_total", "A.").increment()
        let route = Route("POST", "/echo") { request in
            .text("\(request.query.names) \(String(decoding: request.body, as: UTF8.self))")
        }
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let server = OperationsServer(
            address: address,
            health: health,
            metrics: registry,
            routes: [route, Route("GET", "/list") { _ in .text("listed") }],
            names: ["relay.internal", "Ops"],
            loops: Self.loops
        )
        try server.start()
        defer { _ = server.drain(within: .seconds(5)) }
        return try PlainExchange.answer(to: request, port: server.port)
    }

    private func get(_ path: String, method: String = "GET") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    }

    @Test
    func `live and ready answer 200, or 503 with the reasons`() throws {
        let health = Health()
        let kafka = health.condition(.ready, "kafka", because: "no \"metadata\" yet")
        let waiting = try exchange(get("/readyz"), health: health)
        #expect(waiting.hasPrefix("HTTP/1.1 503 "))
        #expect(waiting.hasSuffix("\r\n\r\n{\"ready\":false,\"reasons\":[\"kafka: no \\\"metadata\\\" yet\"]}\n"))
        #expect(try exchange(get("/livez"), health: health).hasSuffix("\r\n\r\n{\"live\":true}\n"))
        kafka.meet()
        let ready = try exchange(get("/readyz"), health: health)
        #expect(ready.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(ready.hasSuffix("\r\n\r\n{\"ready\":true}\n"))
    }

    @Test
    func `metrics come as Prometheus reads them`() throws {
        let answer = try exchange(get("/metrics"))
        #expect(answer.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(answer.hasSuffix("\na_total 1\n"))
    }

    @Test
    func `a route that was added gets query and body`() throws {
        let request = "POST /echo?x=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
        #expect(try exchange(request).hasSuffix("\r\n\r\n[\"x\"] abc\n"))
    }

    @Test
    func `an unknown path is 404 and a wrong method 405 with what is allowed`() throws {
        let unknown = try exchange(get("/console"))
        #expect(unknown.hasPrefix("HTTP/1.1 404 "))
        #expect(unknown.hasSuffix("{\"error\":\"not_found\"}\n"))
        let wrong = try exchange(get("/metrics", method: "DELETE"))
        #expect(wrong.hasPrefix("HTTP/1.1 405 "))
        #expect(wrong.contains("\r\nAllow: GET, HEAD\r\n"))
        #expect(try exchange(get("/echo")).contains("\r\nAllow: POST\r\n"))
    }

    @Test
    func `events show health and figures, and a drain ends them`() async throws {
        let health = Health()
        let kafka = health.condition(.ready, "kafka", because: "no metadata yet")
        let registry = MetricRegistry()
        registry.counters("b_total", "B.", labels: ["x"]).with("1").increment(by: 7)
        registry.gauge("c", "C.").set(.infinity)
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let server = OperationsServer(address: address, health: health, metrics: registry, loops: Self.loops)
        try server.start()
        let client = try #require(LoopbackConnection(port: server.port))
        func received(through text: String) async -> String {
            let wanted = Array(text.utf8)
            return String(decoding: await client.receive { $0.firstRange(of: wanted) != nil }.bytes, as: UTF8.self)
        }
        await client.send(get("/events"))
        let first = await received(through: "\n\n")
        #expect(first.contains("Content-Type: text/event-stream\r\n"))
        #expect(first.contains("event: status\ndata: {\"live\":true,\"metrics\":{\"b_total{x=\\\"1\\\"}\":7},"))
        #expect(first.contains("\"ready\":false,\"reasons\":[\"kafka: no metadata yet\"]}\n"))
        kafka.meet()
        #expect(await received(through: "\"ready\":true,\"reasons\":[]}\n").contains("event: status\n"))
        #expect(server.drain(within: .seconds(5)))
        let (rest, end) = await client.receiveAll()
        #expect(rest.hasSuffix("0\r\n\r\n") && end == .closed)
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:9090", "10.1.2.3:80", "[::1]", "[2001:DB8::7]:9090", "localhost", "LOCALHOST:1",
        "localhost.",
        "relay.internal", "relay.internal.:9090", "ops:9090", "OPS", "ops.",
    ])
    func `addresses, localhost and configured names are hosts of the port`(host: String) throws {
        #expect(try exchange(post("Host: \(host)")).hasPrefix("HTTP/1.1 200 "))
        #expect(try exchange(post("Host: \(host)\r\nOrigin: http://\(host)")).hasPrefix("HTTP/1.1 200 "))
    }

    @Test(arguments: [
        "evil.example", "evil.example:9090", "127.0.0.1.evil.example", "localhost.evil.example", "x.relay.internal",
        "evilrelay.internal", "2130706433", "0x7f.1", "127.1", "relay", "",
    ])
    func `a page that gave its own name to the port is refused, whatever it asks`(host: String) throws {
        let answer = try exchange(post("Host: \(host)\r\nOrigin: http://\(host)"))
        #expect(answer.hasPrefix("HTTP/1.1 421 Misdirected Request\r\n"))
        #expect(answer.contains("{\"error\":\"unknown_host\",") && answer.contains("--operations-names"))
        let list = "GET /list HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
        #expect(try exchange(list).hasPrefix("HTTP/1.1 421 "))
        #expect(try exchange(list.replacing("/list", with: "/events")).hasPrefix("HTTP/1.1 421 "))
        let probe = list.replacing("/list", with: "/livez")
        #expect(try exchange(probe).hasPrefix("HTTP/1.1 200 "))
    }

    @Test(arguments: [
        "Origin: http://evil.example", "Origin: null", "origin: http://127.0.0.1", "Origin: http://127.0.0.1:9091",
        "Origin: ftp://127.0.0.1:9090", "Origin: http://127.0.0.1:9090\r\nOrigin: http://evil.example",
        "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: else", "Origin:",
        "Origin: http://127.0.0.1:9090\r\nSEC-FETCH-SITE: Cross-Site",
    ])
    func `a page of another origin changes nothing, and reads as browsers let it`(fields: String) throws {
        let answer = try exchange(post("Host: 127.0.0.1:9090\r\n\(fields)"))
        #expect(answer.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        #expect(answer.contains("{\"error\":\"foreign_origin\","))
        let list = "GET /list HTTP/1.1\r\nHost: 127.0.0.1:9090\r\n\(fields)\r\nConnection: close\r\n\r\n"
        let shown = try exchange(list)
        #expect(shown.hasPrefix("HTTP/1.1 200 ") && !shown.lowercased().contains("access-control-allow"))
    }

    @Test(arguments: [
        ("POST http://localhost:9090/echo HTTP/1.1\r\nHost: evil.example", 200),
        ("POST http://evil.example/echo HTTP/1.1\r\nHost: localhost:9090", 421),
        ("POST /echo HTTP/1.0\r\nA: b", 200),
        ("POST /echo HTTP/1.0\r\nOrigin: http://localhost", 403),
        ("POST /echo HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: none", 200),
        ("POST /echo HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nOrigin: https://localhost", 200),
    ])
    func `the host is the one that the request is for`(head: String, status: Int) throws {
        let answer = try exchange("\(head)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        #expect(answer.dropFirst("HTTP/1.1 ".count).hasPrefix("\(status) "))
    }

    @Test
    func `a Unix socket has no rule, because no browser reaches it`() throws {
        #expect(BrowserRule(try #require(ListenAddress("unix:/tmp/operations")), names: []) == nil)
        #expect(BrowserRule(try #require(ListenAddress("[::]:9090")), names: []) != nil)
    }

    private func post(_ fields: String) -> String {
        "POST /echo HTTP/1.1\r\n\(fields)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    }

    @Test
    func `HEAD is GET without the body`() throws {
        let answer = try exchange(get("/livez", method: "HEAD"))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("Content-Length: 14\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }
}
