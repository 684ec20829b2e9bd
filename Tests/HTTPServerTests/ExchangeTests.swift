import HTTPServer
import Testing

struct ExchangeTests {
    @Test func `a connection is kept for the next request`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        for number in 1...3 {
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n\(number)")
            let answer = try client.answer()
            #expect(answer.status == 200)
            #expect(answer.body == "\(number)")
            #expect(answer.fields["content-type"] == "text/plain")
            #expect(answer.fields["connection"] == nil)
            #expect(answer.fields["date"]?.hasSuffix(" GMT") == true)
        }
        client.close()
        #expect(server.stop())
        #expect(server.server.counts.requests == 3)
        #expect(server.server.counts.connectionsAccepted == 1)
    }

    @Test func `pipelined requests are answered in order`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        let requests = (0..<500).map { "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\(1000 + $0)" }
        client.send(requests.joined())
        for number in 0..<500 {
            #expect(try client.answer().body == "\(1000 + number)")
        }
        client.close()
        #expect(server.stop())
    }

    @Test func `pipelined requests that are answered later are answered in order`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        let requests = ["a", "b", "c"].map { "POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n\($0)" }
        client.send(requests.joined())
        for (index, body) in ["a", "b", "c"].enumerated() {
            #expect(server.script.wait(for: "handle /later", times: index + 1))
            server.bell.ring()
            #expect(try client.answer().body == body)
        }
        client.close()
        #expect(server.stop())
    }

    @Test func `answers that come later in another order reach their own clients`() throws {
        let server = try ScriptedServer()
        let clients = try (0..<20).map { _ in try server.client() }
        for (number, client) in clients.enumerated() {
            client.send("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\(number + 10)")
        }
        #expect(server.script.wait(for: "handle /later", times: 20))
        #expect(server.server.counts.requestsPending == 20)
        server.bell.ring()
        for (number, client) in clients.enumerated() {
            #expect(try client.answer().body == "\(number + 10)")
            client.close()
        }
        #expect(server.stop())
    }

    @Test func `a second answer is ignored`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("POST /twice HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1")
        #expect(try client.answer().body == "1")
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n2")
        #expect(try client.answer().body == "2")
        client.close()
        #expect(server.stop())
    }

    @Test func `HTTP 1_0 closes unless asked to keep`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1")
        #expect(try client.answer().fields["connection"] == "keep-alive")
        client.send("POST /echo HTTP/1.0\r\nContent-Length: 1\r\n\r\n2")
        let answer = try client.answer()
        #expect(answer.body == "2")
        #expect(answer.fields["connection"] == "close")
        #expect(try client.rest().isEmpty)
        #expect(server.stop())
    }

    @Test func `a client's wish to close is met`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1")
        #expect(try client.answer().fields["connection"] == "close")
        #expect(try client.rest().isEmpty)
        #expect(server.stop())
    }

    @Test func `a handler's wish to close is met`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("GET /close HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().fields["connection"] == "close")
        #expect(try client.rest().isEmpty)
        client.close()
        #expect(server.stop())
        #expect(server.script.events == ["handle /close"])
    }

    @Test func `HEAD gets the fields without the body`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send(
            "HEAD /bytes/9 HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1"
        )
        let answer = try client.answer(bodiless: true)
        #expect(answer.fields["content-length"] == "9")
        #expect(try client.answer().body == "1")
        client.close()
        #expect(server.stop())
    }

    @Test func `the handler sees the client's address`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("GET /client HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().body.hasPrefix("127.0.0.1:"))
        client.close()
        #expect(server.stop())
    }

    @Test func `a large answer arrives whole`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("GET /bytes/8000000 HTTP/1.1\r\nHost: a\r\n\r\nGET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().body.utf8.count == 8_000_000)
        #expect(try client.answer().body == "x")
        client.close()
        #expect(server.stop())
    }

    @Test func `several loops share one port`() throws {
        let server = try ScriptedServer(loops: 3)
        for number in 0..<30 {
            let client = try server.client()
            client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\n\(10 + number)"
            )
            #expect(try client.answer().body == "\(10 + number)")
        }
        #expect(server.stop())
        #expect(server.server.counts.requests == 30)
    }
}
