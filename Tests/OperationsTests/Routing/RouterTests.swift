import HTTPServer
import TestSupport
import Testing

@testable import Operations

@Suite
struct RouterTests {
    private struct Named: Codable {
        var name: String
        var count: Int?
    }

    private let routes = [
        Route("GET", "/pages/{id}") { request throws(RoutingError) in
            .text("page \(request.names["id"] ?? "-") \(try request.query.integer("size", in: 1...100) ?? 0)")
        },
        Route("PATCH", "/pages/{id}") { request throws(RoutingError) in
            .json(encoding: try request.json(Named.self), status: 201)
        },
        Route("POST", "/small", bodyBytesMax: 4) { request in .text("\(request.body.count)") },
        Route("GET", "/field") { request in .text(request.field("x-a") ?? "none") },
        .events("/events", clientsMax: 1) { [ServerSentEvent(name: "tick", data: "1")] },
        .events("/quiet") { [] },
    ]

    /// What a request is answered, whole, over a real socket.
    private func exchange(_ request: String) async throws -> String {
        try await withServer { port in
            let connection = try #require(LoopbackConnection(port: port))
            await connection.send(request)
            return await connection.receiveAll().text
        }
    }

    private func withServer<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let server = Server(address: address) { Router(loop: $0, routes: routes) }
        try server.start()
        defer { _ = server.drain(within: .seconds(5)) }
        return try await body(server.port)
    }

    /// What came up to this text, which must come.
    private func received(_ connection: LoopbackConnection, through text: String) async -> String {
        let wanted = Array(text.utf8)
        let (bytes, end) = await connection.receive { $0.firstRange(of: wanted) != nil }
        #expect(end == .satisfied)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func request(_ method: String, _ target: String, fields: String = "", body: String = "") -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)"
            + (body.isEmpty ? "\r\n" : "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    @Test(arguments: [
        ("GET", "/pages/a%20b?size=7", "HTTP/1.1 200 ", "page a b 7\n"),
        ("HEAD", "/pages/1", "HTTP/1.1 200 ", "\r\n\r\n"),
        ("GET", "/pages/1?size=0", "HTTP/1.1 400 ", "\"message\":\"size: a whole number from 1 to 100 is wanted\"}\n"),
        ("GET", "/pages/1?a=%FF", "HTTP/1.1 400 ", "\"message\":\"query: percent-encoding that is not UTF-8 text\"}\n"),
        ("GET", "/pages", "HTTP/1.1 404 ", "{\"error\":\"not_found\"}\n"),
        ("DELETE", "/pages/1", "HTTP/1.1 405 ", "{\"error\":\"method_not_allowed\"}\n"),
    ])
    func `a route is found, or it is said what is not`(
        method: String,
        target: String,
        status: String,
        end: String
    ) async throws {
        let answer = try await exchange(request(method, target))
        #expect(answer.hasPrefix(status))
        #expect(answer.hasSuffix(end))
        #expect(answer.contains("\r\nCache-Control: no-store\r\n"))
        #expect(method != "DELETE" || answer.contains("\r\nAllow: GET, HEAD, PATCH\r\n"))
    }

    @Test(arguments: [
        ("application/json", "{\"name\":\"a/b\"}", "201 ", "{\"name\":\"a/b\"}\n"),
        ("Application/JSON; charset=utf-8", "{\"count\":1,\"name\":\"x\"}", "201 ", "{\"count\":1,\"name\":\"x\"}\n"),
        ("text/plain", "{}", "415 ", "\"message\":\"the content type must be application/json\"}\n"),
        ("application/json", "{}", "400 ", "\"message\":\"name is missing\"}\n"),
        ("application/json", "{\"name\":1}", "400 ", "\"message\":\"name is no String\"}\n"),
        ("application/json", "{\"name\":", "400 ", "\"message\":\"the body is not valid JSON\"}\n"),
    ])
    func `a JSON body is decoded, or it is said where it is wrong`(
        type: String,
        body: String,
        status: String,
        end: String
    ) async throws {
        let answer = try await exchange(request("PATCH", "/pages/1", fields: "Content-Type: \(type)\r\n", body: body))
        #expect(answer.hasPrefix("HTTP/1.1 \(status)"))
        #expect(answer.hasSuffix(end), "\(answer)")
    }

    @Test func `a body beyond the route's limit is not read`() async throws {
        #expect(try await exchange(request("POST", "/small", body: "1234")).hasSuffix("4\n"))
        #expect(try await exchange(request("POST", "/small", body: "12345")).hasPrefix("HTTP/1.1 413 "))
    }

    @Test func `fields of one name are joined`() async throws {
        let fields = "X-A: 1\r\nx-a: 2\r\n"
        #expect(try await exchange(request("GET", "/field", fields: fields)).hasSuffix("\r\n\r\n1, 2\n"))
    }

    @Test func `events come at once and again, a client beyond the limit is sent away`() async throws {
        try await withServer { port in
            let first = try #require(LoopbackConnection(port: port))
            await first.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = await received(first, through: "event: tick\ndata: 1\n\n")
            #expect(head.contains("Content-Type: text/event-stream\r\n"))
            let second = try #require(LoopbackConnection(port: port))
            await second.send(request("GET", "/events"))
            let refused = await second.receiveAll().text
            #expect(refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("\r\nRetry-After: 10\r\n"))
            #expect(await received(first, through: "data: 1\n\n").contains("event: tick"))
        }
    }

    @Test func `a feed without events shows that it lives`() async throws {
        try await withServer { port in
            let client = try #require(LoopbackConnection(port: port))
            await client.send("GET /quiet HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await received(client, through: ": heartbeat\n\n").contains("200 OK"))
        }
    }
}
