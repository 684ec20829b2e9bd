import HTTPServer
import Testing

@testable import Operations

@Suite
struct OperationsServerTests {
    /// A server with a route of its own, and what it answers to a request.
    private func exchange(_ request: String, health: Health = Health()) throws -> String {
        let registry = MetricRegistry()
        registry.counter("a_total", "A.").increment()
        let route = OperationsRoute("POST", "/echo") { request in
            .text("\(request.query ?? "-") \(String(decoding: request.body, as: UTF8.self))")
        }
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let server = OperationsServer(address: address, health: health, metrics: registry, routes: [route])
        try server.start()
        defer { _ = server.drain(within: .seconds(5)) }
        return try PlainExchange.answer(to: request, port: server.port)
    }

    private func get(_ path: String, method: String = "GET") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
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
        let request = "POST /echo?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
        #expect(try exchange(request).hasSuffix("\r\n\r\nx=1 abc\n"))
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
    func `HEAD is GET without the body`() throws {
        let answer = try exchange(get("/livez", method: "HEAD"))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("Content-Length: 14\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }
}
