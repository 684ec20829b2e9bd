import HTTPServer
import Testing

struct ConnectionLimitTests {
    @Test func `at the limit the connection that was idle longest makes room`() throws {
        let server = try ScriptedServer { $0.connectionsMax = 2 }
        let first = try server.client()
        first.send("GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try first.answer().body == "x")
        let second = try server.client()
        second.send("GET /bytes/2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try second.answer().body == "xx")
        let third = try server.client()
        third.send("GET /bytes/3 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try third.answer().body == "xxx")
        #expect(try first.rest().isEmpty)
        second.send("GET /bytes/2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try second.answer().body == "xx")
        second.close()
        third.close()
        #expect(server.stop())
        #expect(server.server.counts.acceptPauses == 0)
    }

    @Test func `at the limit with nobody idle or late new clients wait until one leaves`() throws {
        let server = try ScriptedServer { $0.connectionsMax = 1 }
        let first = try server.client()
        first.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.script.wait(for: "handle /later"))
        let second = try server.client()
        second.send("GET /bytes/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        server.bell.ring()
        #expect(try first.answer().status == 200)
        #expect(try second.answer().body == "xx")
        #expect(try first.rest().isEmpty)
        #expect(server.stop())
    }

    @Test func `at a client's own limit its next connection is closed, and one that leaves makes room`() throws {
        let server = try ScriptedServer(loops: 2) { $0.connectionsPerAddressMax = 3 }
        let clients = try (0..<3).map { _ in try server.client() }
        for client in clients {
            client.send("GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer().body == "x")
        }
        let beyond = try server.client()
        #expect(try beyond.rest() == "")
        #expect(server.script.wait(for: "refused too_many_connections"))
        clients[0].close()
        // The server notices in its own time: a client that is turned away comes again, as any would.
        while true {
            let next = try server.client()
            next.send("GET /bytes/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            if let answer = try next.answerIfAny() {
                #expect(answer.body == "xx")
                break
            }
        }
        for client in clients { client.close() }
        #expect(server.stop())
        #expect(server.server.counts.connectionsOpen == 0)
    }

    @Test func `a trusted proxy has no limit of its own`() throws {
        let proxies = [try #require(AddressRange("127.0.0.0/8"))]
        let server = try ScriptedServer(trustedProxies: proxies) { $0.connectionsPerAddressMax = 1 }
        let clients = try (0..<5).map { _ in try server.client() }
        for client in clients {
            client.send("GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer().body == "x")
            client.close()
        }
        #expect(server.stop())
    }

    @Test func `a connection closes after the answer that its limit names`() throws {
        let server = try ScriptedServer { $0.requestsPerConnectionMax = 3 }
        let client = try server.client()
        client.send(String(repeating: "GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n", count: 5))
        for number in 1...3 {
            let answer = try client.answer()
            #expect(answer.fields["connection"] == (number == 3 ? "close" : nil))
        }
        #expect(try client.rest() == "")
        #expect(server.stop())
        #expect(server.server.counts.requests == 3)
    }

    @Test func `a client that sends requests and reads no answers is held at one buffer`() throws {
        let server = try ScriptedServer { $0.writeDeadlineMilliseconds = 60_000 }
        let client = try server.client(receiveBufferBytes: 4096)
        // A thousand answers of 100 kB fit into no socket buffer, so most of the requests must stay unread.
        let requests = String(repeating: "GET /bytes/100000 HTTP/1.1\r\nHost: a\r\n\r\n", count: 1000)
        let sending = Background { client.send(requests) }
        #expect(server.script.wait(for: "handle /bytes/100000"))
        #expect(try client.answer().body.utf8.count == 100_000)
        #expect(server.server.counts.requests < 100)
        for _ in 1..<1000 { #expect(try client.answer().body.utf8.count == 100_000) }
        sending.value
        client.close()
        #expect(server.stop())
        #expect(server.server.counts.requests == 1000)
    }

    @Test func `a burst of connections is accepted`() throws {
        let server = try ScriptedServer()
        let clients = try (0..<300).map { _ in try server.client() }
        for client in clients {
            client.send("GET /bytes/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        }
        for client in clients {
            #expect(try client.answer().body == "x")
        }
        #expect(server.stop())
        #expect(server.server.counts.connectionsAccepted == 300)
        #expect(server.server.counts.connectionsOpen == 0)
    }
}
