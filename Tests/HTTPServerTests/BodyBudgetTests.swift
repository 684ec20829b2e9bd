import HTTPServer
import Testing

/// Bodies of many clients at once, and what they may take together.
struct BodyBudgetTests {
    private static let large = 128 * 1024

    private static func post(_ count: Int) -> String {
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n"
    }

    private static func body(_ count: Int) -> String { String(repeating: "b", count: count) }

    @Test func `what is announced costs nothing, and what comes is counted`() throws {
        let server = try ScriptedServer { $0.growthBytesMax = 256 * 1024 }
        let idle = try (0..<8).map { _ in try server.client() }
        for client in idle { client.send(Self.post(Self.large)) }
        let other = try server.client()
        other.send(Self.post(Self.large) + Self.body(Self.large))
        #expect(try other.answer().status == 200)
        for client in idle + [other] { client.close() }
        #expect(server.stop())
    }

    @Test func `beyond the budget a body is answered 503, a small one is taken, and one that ends makes room`() throws {
        let server = try ScriptedServer { $0.growthBytesMax = 400 * 1024 }
        // Half of each body is there: 64 KiB to 128 KiB of memory for each.
        let holding = try (0..<2).map { _ in try server.client() }
        for client in holding { client.send(Self.post(Self.large) + Self.body(Self.large / 2 + 1)) }
        let refused = try server.client()
        var status = 0
        while status != 503 {
            // The two before may not have been read yet.
            let client = try server.client()
            client.send(Self.post(Self.large) + Self.body(Self.large))
            status = try client.answerIfAny()?.status ?? 503
            client.close()
        }
        refused.send(Self.post(1000) + Self.body(1000))
        #expect(try refused.answer().status == 200)
        for client in holding {
            client.send(Self.body(Self.large / 2 - 1))
            #expect(try client.answer().status == 200)
        }
        refused.send(Self.post(Self.large) + Self.body(Self.large))
        #expect(try refused.answer().status == 200)
        for client in holding + [refused] { client.close() }
        #expect(server.stop())
    }

    @Test func `the last quarter is for clients that had a request served`() throws {
        let server = try ScriptedServer { $0.growthBytesMax = 160 * 1024 }
        let known = try server.client()
        known.send(Self.post(1) + "b")
        #expect(try known.answer().status == 200)
        // From 16 KiB to 128 KiB and more is beyond three quarters of the budget.
        let size = 150 * 1024
        let stranger = try server.client()
        stranger.send(Self.post(size) + Self.body(size))
        #expect(try stranger.answerIfAny()?.status ?? 503 == 503)
        known.send(Self.post(size) + Self.body(size))
        #expect(try known.answer().status == 200)
        stranger.close()
        known.close()
        #expect(server.stop())
    }

    @Test
    func `at the limit a request that does not come makes room for a new client, and one that was served is kept`()
        throws
    {
        let server = try ScriptedServer { $0.connectionsMax = 3 }
        let known = try server.client()
        known.send("GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try known.answer().body == "x")
        known.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1")
        let slow = try (0..<2).map { _ in try server.client() }
        for client in slow { client.send("POST /echo HTT") }
        let next = try server.client()
        next.send("GET /bytes/2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try next.answer().body == "xx")
        #expect(server.script.wait(for: "refused too_many_connections"))
        known.send("2")
        #expect(try known.answer().body == "12")
        for client in slow + [next, known] { client.close() }
        #expect(server.stop())
    }
}
