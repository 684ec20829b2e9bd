import HTTPClient
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ClientTests {
    let server: AnsweringServer
    let client: Client

    init() throws {
        server = try AnsweringServer()
        client = try Client()
    }

    @Test
    func `method, headers and body arrive as given and nothing is added`() async throws {
        let response = try await client.send(
            ClientRequest(
                method: "POST",
                url: server.url("/echo"),
                headers: [("X-One", "1"), ("X-Empty", ""), ("Content-Type", "application/json")],
                body: Array("{}".utf8)
            )
        )
        #expect(response.status == 200)
        #expect(response.body == Array("{}".utf8))
        #expect(response.header("x-seen") == "yes")
        #expect(response.header("missing") == nil)
        let seen = try #require(server.seen.first)
        #expect(seen.method == "POST")
        let own = seen.fields.filter { !$0.lowercased().hasPrefix("host:") }
        #expect(
            Set(own) == ["X-One: 1", "X-Empty: ", "Content-Type: application/json", "Content-Length: 2"],
            "\(own)"
        )
    }

    @Test(arguments: ["GET", "DELETE", "POST", "PUT", "PATCH", "HEAD"])
    func `a method goes out as itself`(method: String) async throws {
        let response = try await client.send(ClientRequest(method: method, url: server.url("/echo")))
        #expect(response.status == 200)
        #expect(server.seen.map(\.method) == [method])
    }

    @Test
    func `a large body needs no leave to be sent`() async throws {
        let body = [UInt8](repeating: 0x7A, count: 1 << 20)
        let response = try await client.send(ClientRequest(method: "POST", url: server.url("/echo"), body: body))
        #expect(response.body == body)
        #expect(server.seen.first?.fields.contains { $0.lowercased().hasPrefix("expect") } == false)
    }

    @Test(arguments: [200, 204, 302, 401, 404, 500, 503])
    func `every status is an answer, a redirect too`(status: Int) async throws {
        let response = try await client.send(ClientRequest(url: server.url("/status/\(status)")))
        #expect(response.status == status)
        #expect(server.seen.count == 1)
    }

    @Test
    func `requests with one connection number share a connection and keep their order`() async throws {
        let connections = 4
        let perConnection = 50
        await withTaskGroup(of: Void.self) { group in
            for connection in 0..<connections {
                group.addTask { [client, server] in
                    for number in 0..<perConnection {
                        let request = ClientRequest(
                            method: "POST",
                            url: server.url("/echo"),
                            body: Array("\(connection) \(number)".utf8),
                            connection: connection
                        )
                        _ = try? await client.send(request)
                    }
                }
            }
        }
        #expect(server.connectionsAccepted == connections)
        for connection in 0..<connections {
            let mine = server.seen.filter { $0.body.starts(with: "\(connection) ".utf8) }
            #expect(
                mine.map { String(decoding: $0.body, as: UTF8.self) }
                    == (0..<perConnection).map { "\(connection) \($0)" }
            )
            #expect(Set(mine.map(\.connection)).count == 1)
        }
    }

    @Test
    func `requests submitted together on one connection are sent one after the other`() async throws {
        let statuses = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<200 {
                group.addTask { [client, server] in
                    try? await client.send(ClientRequest(url: server.url("/status/201"), connection: 7)).status
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.count == 200 && statuses.allSatisfy { $0 == 201 })
        #expect(server.connectionsAccepted == 1)
    }

    @Test
    func `no answer within the time-out is an error, and the connection's next request is sent`() async throws {
        let silent = ClientRequest(url: server.url("/silent"), timeout: .milliseconds(50), connection: 1)
        await #expect(throws: ClientError.timedOut) { try await client.send(silent) }
        let response = try await client.send(ClientRequest(url: server.url("/echo"), connection: 1))
        #expect(response.status == 200)
        #expect(server.connectionsAccepted == 2)
    }

    @Test
    func `nobody listening is told apart from a lost answer`() async throws {
        let url = server.url("/echo")
        server.stop()
        let error = try await #require(throws: ClientError.self) { try await client.send(ClientRequest(url: url)) }
        guard case .couldNotConnect = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test
    func `a body beyond its limit is cut off there`() async throws {
        var request = ClientRequest(url: server.url("/large/4096"), responseBodyBytesMax: 4_096, connection: 1)
        #expect(try await client.send(request).body.count == 4_096)
        request.url = server.url("/large/4097")
        let long = try await client.send(request)
        #expect(long.status == 200 && long.isCutShort && long.body.count <= 4_096)
        request.url = server.url("/large/1")
        #expect(try await client.send(request).body.count == 1)
    }

    @Test
    func `cancelling frees the connection`() async throws {
        // Safety: the test awaits its end below.
        let running = Task { [client, server] in
            try await client.send(ClientRequest(url: server.url("/silent"), connection: 1))
        }
        while server.seen.isEmpty { await Task.yield() }
        // Safety: the test awaits its end below.
        let waiting = Task { [client, server] in
            try await client.send(ClientRequest(url: server.url("/echo"), connection: 1))
        }
        running.cancel()
        await #expect(throws: ClientError.cancelled) { try await running.value }
        #expect(try await waiting.value.status == 200)
    }

    @Test
    func `a cancelled task sends nothing`() async throws {
        // Safety: the test awaits its end below.
        let task = Task { [client, server] in
            while !Task.isCancelled { await Task.yield() }
            return try await client.send(ClientRequest(url: server.url("/echo")))
        }
        task.cancel()
        await #expect(throws: ClientError.cancelled) { try await task.value }
        #expect(server.seen.isEmpty)
    }

    @Test
    func `closing fails what is open and everything after it`() async throws {
        // Safety: the test awaits its end below.
        let open = Task { [client, server] in
            try await client.send(ClientRequest(url: server.url("/silent"), connection: 1))
        }
        while server.seen.isEmpty { await Task.yield() }
        client.close()
        await #expect(throws: ClientError.closed) { try await open.value }
        await #expect(throws: ClientError.closed) { try await client.send(ClientRequest(url: server.url("/echo"))) }
        client.close()
    }

    @Test
    func `more than the limit is refused instead of queued`() async throws {
        let small = try Client(ClientSettings(requestsMax: 1))
        // Safety: the test awaits its end below.
        let first = Task { [server] in try await small.send(ClientRequest(url: server.url("/silent"), connection: 1)) }
        while server.seen.isEmpty { await Task.yield() }
        await #expect(throws: ClientError.busy) { try await small.send(ClientRequest(url: server.url("/echo"))) }
        first.cancel()
        await #expect(throws: ClientError.cancelled) { try await first.value }
        small.close()
    }

    @Test(arguments: [
        ClientRequest(method: "GE T", url: "http://127.0.0.1:1/"),
        ClientRequest(url: "http://127.0.0.1:1/\r\nX: y"),
        ClientRequest(url: "http://127.0.0.1:1/", headers: [("X", "a\r\nY: b")]),
        ClientRequest(url: "http://127.0.0.1:1/", headers: [("X: y", "a")]),
        ClientRequest(url: "file:///etc/hostname"),
        ClientRequest(url: "ftp://127.0.0.1/"),
        ClientRequest(url: "no address"),
    ])
    func `what could be read as another request is not sent`(request: ClientRequest) async throws {
        let error = try await #require(throws: ClientError.self) { try await client.send(request) }
        guard case .malformedRequest = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test
    func `plain HTTP on a TLS address is a TLS error`() async throws {
        let url = server.url("/echo").replacing("http://", with: "https://")
        let error = try await #require(throws: ClientError.self) { try await client.send(ClientRequest(url: url)) }
        guard case .tls = error else {
            Issue.record("\(error)")
            return
        }
    }
}
