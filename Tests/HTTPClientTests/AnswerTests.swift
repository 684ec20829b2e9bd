import HTTPClient
import Testing

/// What counts as an answer to a request, and what does not.
@Suite(.timeLimit(.minutes(1)))
struct AnswerTests {
    private static let ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    private static let failed = "HTTP/1.1 500 no\r\ncontent-length: 0\r\n\r\n"

    private static func request(_ server: RawAnswers) -> ClientRequest {
        ClientRequest(url: server.url, timeout: .seconds(5), responseBodyBytesMax: 65_536)
    }

    @Test(arguments: [
        (ok, "an answer to nothing"), ("\r\n", "a stray line end"), ("accepted", "a late body"),
        ("HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "a time-out of the server"),
    ])
    func `what comes on an idle connection answers no request`(stray: String, name: String) async throws {
        let server = try RawAnswers { $0 == 1 ? [.send(Self.failed), .wait, .send(stray)] : [.send(Self.failed)] }
        defer { server.stop() }
        let client = try Client()
        #expect(try await client.send(Self.request(server)).status == 500)
        server.proceed()
        #expect(try await client.send(Self.request(server)).status == 500, "\(name)")
        #expect(server.connections == 2 && server.requests == 2)
    }

    @Test
    func `a quiet connection is kept`() async throws {
        let server = try RawAnswers { _ in [.send(Self.ok)] }
        defer { server.stop() }
        let client = try Client()
        for _ in 0..<20 { #expect(try await client.send(Self.request(server)).status == 200) }
        #expect(server.connections == 1 && server.requests == 20)
    }

    @Test
    func `a connection that was closed behind an answer is not used again`() async throws {
        let server = try RawAnswers { _ in [.send(Self.ok), .wait, .close] }
        defer { server.stop() }
        let client = try Client()
        for _ in 0..<5 {
            #expect(try await client.send(Self.request(server)).status == 200)
            server.proceed()
        }
        #expect(server.requests == 5)
    }

    @Test(arguments: [
        "hello, no http here\r\n", "\u{15}\u{3}\u{1}\0\u{2}\u{2}F", "\0\0\0\u{4}\0\0\0\0\0", "SSH-2.0-x\r\n",
        "HTTP/1.1 two hundred\r\n\r\n",
    ])
    func `what is no HTTP is no answer`(bytes: String) async throws {
        let server = try RawAnswers { _ in [.send(bytes), .close] }
        defer { server.stop() }
        let client = try Client()
        let error = try await #require(throws: ClientError.self) { try await client.send(Self.request(server)) }
        switch error {
        case .notHTTP, .connectionLost: break
        default: Issue.record("\(error)")
        }
    }

    @Test(arguments: [200, 204, 400, 503])
    func `the status is the answer, however long its headers are`(status: Int) async throws {
        let server = try RawAnswers { _ in
            [.flood("x-y: \(String(repeating: "z", count: 1000))\r\n", start: "HTTP/1.1 \(status) x\r\n")]
        }
        defer { server.stop() }
        let response = try await Client().send(Self.request(server))
        #expect(response.status == status && response.isCutShort && response.headerBytes.count <= 65_536)
    }

    @Test(arguments: [200, 400])
    func `the status is the answer, however long its body is`(status: Int) async throws {
        let head = "HTTP/1.1 \(status) x\r\ntransfer-encoding: chunked\r\n\r\n"
        let chunk = "1000\r\n\(String(repeating: "x", count: 4096))\r\n"
        let server = try RawAnswers { _ in [.flood(chunk, start: head)] }
        defer { server.stop() }
        let response = try await Client().send(Self.request(server))
        #expect(response.status == status && response.isCutShort && response.body.count <= 65_536)
    }

    @Test
    func `the status is the answer, if the body breaks off or never ends`() async throws {
        let head = "HTTP/1.1 200 x\r\ncontent-length: 10\r\n\r\nabc"
        for steps in [[RawAnswers.Step.send(head), .close], [.send(head)]] {
            let server = try RawAnswers { _ in steps }
            defer { server.stop() }
            var request = Self.request(server)
            request.timeout = .seconds(10)
            let response = try await Client().send(request)
            #expect(response.status == 200 && response.isCutShort)
        }
    }

    @Test(arguments: [
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n",
            "HTTP/1.1 x: \(String(repeating: "z", count: 900))\r\n"
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n",
            "trailer: \(String(repeating: "z", count: 900))\r\n"
        ),
    ])
    func `trailers without end are cut off`(start: String, line: String) async throws {
        let server = try RawAnswers { _ in [.flood(line, start: start)] }
        defer { server.stop() }
        let response = try await Client().send(Self.request(server))
        #expect(response.status == 200 && response.isCutShort)
    }

    @Test
    func `interim answers without end are no answer`() async throws {
        let server = try RawAnswers { _ in [.flood("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", start: "")] }
        defer { server.stop() }
        await #expect(throws: ClientError.tooLarge) { try await Client().send(Self.request(server)) }
    }

    @Test
    func `a connection is used no longer than its life`() async throws {
        let server = try RawAnswers { _ in [.send(Self.ok)] }
        defer { server.stop() }
        let client = try Client(ClientSettings(connectionLifeMax: .seconds(1)))
        while server.connections < 2 {
            #expect(try await client.send(Self.request(server)).status == 200)
        }
    }
}
