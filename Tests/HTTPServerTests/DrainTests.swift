import Foundation
import HTTPServer
import Testing

struct DrainTests {
    @Test func `a drain closes idle connections and the port`() throws {
        let server = try ScriptedServer()
        let idle = try server.client()
        idle.send("GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try idle.answer().body == "x")
        let silent = try server.client()
        #expect(server.stop())
        #expect(try idle.rest().isEmpty)
        #expect(try silent.rest().isEmpty)
        #expect(throws: TestClient.Failure.self) { try server.client() }
        #expect(server.stop(), "a second drain says the same")
    }

    @Test func `a drain answers what is in flight and being read, and closes`() throws {
        let server = try ScriptedServer()
        let pending = try server.client()
        pending.send("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1")
        #expect(server.script.wait(for: "handle /later"))
        let reading = try server.client()
        reading.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        #expect(try reading.answer().status == 100)
        let drained = Background { server.stop() }
        // The port is closed when the drain has begun.
        while (try? server.client()) != nil {}
        reading.send("2")
        server.bell.ring()
        for (client, body) in [(pending, "1"), (reading, "2")] {
            let answer = try client.answer()
            #expect(answer.body == body)
            #expect(answer.fields["connection"] == "close")
            #expect(try client.rest().isEmpty)
            client.close()
        }
        #expect(drained.value == true)
        #expect(server.server.counts.requestsPending == 0)
    }

    /// A closed socket answers more bytes with a reset, and that would take the answer with it.
    @Test func `an answer that its client has not taken yet survives the drain and the client's next request`() throws {
        let server = try ScriptedServer()
        let client = try TestClient(port: server.server.port, receiveBufferBytes: 4096)
        client.send("GET /bytes/200000 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.script.wait(for: "handle /bytes/200000"))
        // When another client is answered, the loop has handed the first one's answer to its socket.
        let other = try server.client()
        other.send("GET /bytes/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(try other.answer().body == "x")
        let drained = Background { server.stop() }
        while (try? server.client()) != nil {}
        client.send("GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().body.utf8.count == 200_000)
        #expect(try client.answerIfAny() == nil)
        client.close()
        #expect(drained.value)
    }

    @Test func `a drain that runs out of time says that something was left`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(server.script.wait(for: "handle /never"))
        #expect(!server.stop(within: .milliseconds(100)))
        #expect(try client.rest().isEmpty)
        #expect(server.script.events == ["handle /never", "abandoned"])
    }

    @Test func `under load no request that was read goes without its answer`() throws {
        let server = try ScriptedServer(loops: 2)
        let port = server.server.port
        let clients = (0..<8).map { _ in
            Background { () -> Int in
                guard let client = try? TestClient(port: port) else { return 0 }
                var answered = 0
                while true {
                    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
                    guard let answer = try? client.answer() else { return answered }
                    guard answer.body == "body" else { return -1 }
                    answered += 1
                    if answer.fields["connection"] == "close" {
                        return answered
                    }
                }
            }
        }
        #expect(server.script.wait(for: "handle /echo", times: 500))
        #expect(server.stop())
        var answered = 0
        for client in clients {
            answered += client.value
        }
        #expect(answered == server.server.counts.requests)
    }
}
