import HTTPServer
import Testing

struct HostileTests {
    /// Bytes, status, reason.
    static let framings: [(String, Int, String)] = [
        ("GET /echo HTTP/1.1\nHost: a\n\n", 400, "bare_line_feed"),
        ("GET /echo HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400, "bare_carriage_return"),
        ("GET /echo HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400, "control_character"),
        ("GET /echo HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400, "folded_field"),
        ("GET /echo HTTP/1.1\r\nHost : a\r\n\r\n", 400, "bad_field_name"),
        ("GET /echo HTTP/1.1\r\n\r\n", 400, "missing_host"),
        ("GET /echo HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "repeated_host"),
        (
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n1", 400,
            "repeated_content_length"
        ),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n1", 400, "bad_content_length"),
        (
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
            "length_beside_transfer_encoding"
        ),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "unsupported_transfer_encoding"),
        (
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 400,
            "bad_chunk_size"
        ),
        (
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400,
            "bad_chunk_end"
        ),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "unsupported_version"),
        ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414, "request_line_too_long"),
        ("GET /echo HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 17_000))\r\n\r\n", 431, "head_too_large"),
        ("GET /echo HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: y\r\n", count: 100))\r\n", 431, "too_many_fields"),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417, "unsupported_expectation"),
    ]

    @Test(arguments: framings)
    func `after a refused framing no byte is read as a request`(_ bytes: String, status: Int, reason: String) throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send(bytes + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nfollower")
        let answer = try client.answer()
        #expect(answer.status == status)
        #expect(answer.fields["connection"] == "close")
        #expect(answer.body == "{\"error\":\"\(reason)\"}")
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nfollower")
        #expect(try client.rest().isEmpty)
        client.close()
        #expect(server.stop())
        #expect(server.script.events == ["refused \(reason)"])
    }

    @Test(arguments: [
        ("h2c", "Content-Length: 4\r\n\r\nbody"),
        ("TLS/1.2", "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"),
    ])
    func `after an upgrade with a body that is ignored no byte is read as a request`(
        _ other: String,
        framedBody: String
    ) throws {
        let server = try ScriptedServer()
        let client = try server.client()
        let follower = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nfollower"
        client.send(
            "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: \(other)\r\n" + framedBody + follower
        )
        let answer = try client.answer()
        #expect(answer.status == 200)
        #expect(answer.body == "body")
        #expect(answer.fields["connection"] == "close")
        client.send(follower)
        #expect(try client.rest().isEmpty)
        client.close()
        #expect(server.stop())
        #expect(server.script.events.count { $0.hasPrefix("handle") } == 1)
    }

    @Test func `a refused request behind a good one leaves the good one's answer`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send(
            "POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
                + "goodGET / HTTP/9.9\r\n\r\nGET /echo HTTP/1.1\r\n"
        )
        #expect(server.script.wait(for: "handle /later"))
        server.bell.ring()
        #expect(try client.answer().body == "good")
        #expect(try client.answer().status == 505)
        #expect(try client.rest().isEmpty)
        client.close()
        #expect(server.stop())
    }

    @Test func `a half-closed client is answered`() throws {
        let server = try ScriptedServer()
        for path in ["/echo", "/later"] {
            let client = try server.client()
            client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1")
            client.finishSending()
            #expect(server.script.wait(for: "handle \(path)"))
            server.bell.ring()
            #expect(try client.answer().body == "1")
            #expect(try client.rest().isEmpty)
        }
        #expect(server.stop())
        #expect(!server.script.events.contains("abandoned"))
    }

    @Test(arguments: ["GET /ec", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel"])
    func `a request that ends too early is refused`(_ bytes: String) throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send(bytes)
        client.finishSending()
        #expect(try client.answer().body == "{\"error\":\"truncated\"}")
        #expect(try client.rest().isEmpty)
        #expect(server.stop())
    }

    @Test func `a client that resets while its answer is pending is told of, and its answer ignored`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1")
        #expect(server.script.wait(for: "handle /later"))
        client.reset()
        #expect(server.script.wait(for: "abandoned"))
        // The slot's next client must not get the answer of the one before.
        let next = try server.client()
        next.send("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n2")
        #expect(server.script.wait(for: "handle /later", times: 2))
        server.bell.ring()
        #expect(try next.answer().body == "2")
        next.close()
        #expect(server.stop())
    }
}
