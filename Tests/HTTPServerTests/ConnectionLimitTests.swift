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

    @Test func `at the limit with nobody idle new clients wait until one leaves`() throws {
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
