import HTTPServer
import Testing

struct DeadlineTests {
    @Test(arguments: [
        ("GET /echo HTTP/1.1\r\nHos", "slow_head"),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel", "slow_body"),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "slow_body"),
    ])
    func `a slow request is refused with 408`(_ bytes: String, reason: String) throws {
        let server = try ScriptedServer {
            $0.headDeadlineMilliseconds = 150
            $0.bodyDeadlineMilliseconds = 150
        }
        let client = try server.client()
        client.send(bytes)
        let answer = try client.answer()
        #expect(answer.status == 408)
        #expect(answer.body == "{\"error\":\"\(reason)\"}")
        #expect(try client.rest().isEmpty)
        client.close()
        #expect(server.stop())
        #expect(server.script.events == ["refused \(reason)"])
    }

    /// Each byte comes in time; the whole does not. The client's pace is the server's own answer time.
    @Test func `the deadline of a head is for the whole, not between bytes`() throws {
        let server = try ScriptedServer { $0.headDeadlineMilliseconds = 300 }
        let client = try server.client()
        let pacer = try server.client()
        client.send("GET /echo HTTP/1.1\r\nX: ")
        while !server.script.events.contains("refused slow_head") {
            pacer.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try pacer.answer().status == 200)
            client.send("x")
        }
        #expect(try client.answer().status == 408)
        client.close()
        pacer.close()
        #expect(server.stop())
    }

    @Test(arguments: [
        ("Content-Length: 200000\r\n\r\n", "x"),
        ("Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        ("Expect: 100-continue\r\nContent-Length: 200000\r\n\r\n", "x"),
    ])
    func `the deadline of a body is for the whole, not between bytes`(_ fields: String, piece: String) throws {
        let server = try ScriptedServer { $0.bodyDeadlineMilliseconds = 300 }
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(fields)")
        if fields.hasPrefix("Expect") {
            #expect(try client.answer().status == 100)
        }
        try Self.keepPace(with: server) {
            client.send(piece)
        }
        let answer = try client.answer()
        #expect(answer.status == 408)
        #expect(answer.body == "{\"error\":\"slow_body\"}")
        client.close()
        #expect(server.stop())
    }

    @Test func `a refused request's body that never ends is cut at the body's deadline`() throws {
        let server = try ScriptedServer { $0.bodyDeadlineMilliseconds = 300 }
        let client = try server.client()
        client.send("POST /unknown HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n")
        #expect(try client.answer().status == 404)
        try Self.keepPace(with: server) { client.send("x") }
        #expect(try client.rest().isEmpty)
        #expect(server.stop())
        #expect(!server.script.events.contains { $0.hasPrefix("refused") })
    }

    @Test func `a client that goes on sending behind the last answer is cut`() throws {
        let server = try ScriptedServer { $0.lingerDeadlineMilliseconds = 300 }
        let client = try server.client()
        client.send("POST /echo HTTP/9.9\r\n")
        #expect(try client.answer().status == 505)
        try Self.keepPace(with: server) { client.send("x") }
        #expect(try client.rest().isEmpty)
        #expect(server.stop())
    }

    /// Bytes are taken all the time, but too few of them.
    @Test func `the deadline of an answer is for the whole, not between reads`() throws {
        let server = try ScriptedServer { $0.writeDeadlineMilliseconds = 300 }
        let client = try TestClient(port: server.server.port, receiveBufferBytes: 262_144)
        client.send("GET /bytes/20000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        var isReading = true
        try Self.keepPace(with: server) {
            isReading = isReading && client.skip(4000)
        }
        #expect(isReading, "there was something to read until the end")
        #expect(server.script.events.contains("refused slow_reader"))
        #expect(try client.rest().utf8.count < 20_000_000)
        #expect(server.stop())
    }

    /// Does something again and again, at the pace of the server's own answers, until a deadline has passed.
    private static func keepPace(with server: ScriptedServer, _ body: () -> Void) throws {
        let pacer = try server.client()
        // Limit: takes several times as long as the deadlines of these tests on the fastest machine.
        for _ in 0..<30_000 where server.server.counts.connectionsExpired == 0 {
            for _ in 0..<3 {
                pacer.send("GET /client HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try pacer.answer().status == 200)
            }
            body()
        }
        #expect(server.server.counts.connectionsExpired == 1)
        pacer.close()
    }

    @Test func `a silent connection is closed without an answer`() throws {
        let server = try ScriptedServer { $0.headDeadlineMilliseconds = 100 }
        let client = try server.client()
        #expect(try client.rest().isEmpty)
        #expect(server.stop())
        #expect(server.script.events.isEmpty)
        #expect(server.server.counts.connectionsExpired == 1)
    }

    @Test func `an idle connection is closed quietly`() throws {
        let server = try ScriptedServer { $0.idleDeadlineMilliseconds = 100 }
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1")
        #expect(try client.answer().body == "1")
        #expect(try client.rest().isEmpty)
        #expect(server.stop())
        #expect(server.script.events == ["handle /echo"])
    }

    /// The one that asks all the time was there first, so its first request is longer ago than the other's.
    @Test(arguments: ["POST /echo", "GET /unknown"])
    func `a connection in use is not idle`(_ request: String) throws {
        let server = try ScriptedServer { $0.idleDeadlineMilliseconds = 1000 }
        let busy = try server.client()
        let bytes = "\(request) HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1"
        busy.send(bytes)
        #expect([200, 404].contains(try busy.answer().status))
        let idle = try server.client()
        idle.send(bytes)
        #expect([200, 404].contains(try idle.answer().status))
        while server.server.counts.connectionsExpired == 0 {
            busy.send(bytes)
            #expect([200, 404].contains(try busy.answer().status))
        }
        #expect(try idle.rest().isEmpty)
        busy.send(bytes)
        #expect([200, 404].contains(try busy.answer().status))
        busy.close()
        #expect(server.stop())
    }

    @Test func `a client that does not take its answer is cut off`() throws {
        let server = try ScriptedServer { $0.writeDeadlineMilliseconds = 150 }
        let client = try TestClient(port: server.server.port, receiveBufferBytes: 4096)
        client.send("GET /bytes/20000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.script.wait(for: "refused slow_reader"))
        #expect(try client.rest().utf8.count < 20_000_000)
        #expect(server.stop())
    }

    @Test func `a request without an answer gets the one of its deadline`() throws {
        let server = try ScriptedServer { $0.answerDeadlineMilliseconds = 100 }
        let client = try server.client()
        client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try client.answer()
        #expect(answer.status == 503)
        #expect(answer.body == "late")
        #expect(answer.fields["retry-after"] == "1")
        #expect(answer.fields["connection"] == "close")
        #expect(try client.rest().isEmpty)
        // The answer that comes too late is nobody's.
        server.bell.ring()
        #expect(server.script.wait(for: "rang"))
        client.close()
        #expect(server.stop())
        #expect(server.script.events == ["handle /later", "expired", "rang"])
    }
}
