import HTTPServer
import Testing

struct BodyTests {
    private static let large = String(repeating: "0123456789", count: 20_000)

    @Test(arguments: [1, 1000, 16_384, 100_000])
    func `a large body in pieces arrives whole`(_ pieceBytes: Int) throws {
        let server = try ScriptedServer()
        let client = try server.client()
        let body = pieceBytes == 1 ? String(Self.large.prefix(2000)) : Self.large
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        let bytes = Array((head + body).utf8)
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            client.send(Array(bytes[start..<min(start + pieceBytes, bytes.count)]))
        }
        #expect(try client.answer().body == body)
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1")
        #expect(try client.answer().body == "1")
        client.close()
        #expect(server.stop())
    }

    @Test(arguments: [1, 7, 5000, 200_000])
    func `a chunked body arrives whole`(_ chunkBytes: Int) throws {
        let server = try ScriptedServer()
        let client = try server.client()
        let body = chunkBytes == 1 ? String(Self.large.prefix(5000)) : Self.large
        var text = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        var rest = Substring(body)
        while !rest.isEmpty {
            let chunk = rest.prefix(chunkBytes)
            text += "\(String(chunk.utf8.count, radix: 16))\r\n\(chunk)\r\n"
            rest = rest.dropFirst(chunkBytes)
        }
        client.send(text + "0\r\nTrailer: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1")
        #expect(try client.answer().body == body)
        #expect(try client.answer().body == "1")
        client.close()
        #expect(server.stop())
    }

    @Test func `a body of exactly the limit passes, declared and chunked`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n\(Self.large)")
        #expect(try client.answer().status == 200)
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send("30d40\r\n\(Self.large)\r\n0\r\n\r\n")
        #expect(try client.answer().body == Self.large)
        client.close()
        #expect(server.stop())
    }

    @Test(arguments: [
        "Content-Length: 200001\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n30d41\r\n",
        "Expect: 100-continue\r\nContent-Length: 200001\r\n\r\n",
    ])
    func `a body one byte over the limit is refused before it is read`(_ rest: String) throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(rest)")
        let answer = try client.answer()
        #expect(answer.status == 413)
        #expect(answer.body == "{\"error\":\"body_too_large\"}")
        client.send(Self.large + "x")
        #expect(try client.rest().isEmpty)
        client.close()
        #expect(server.stop())
        #expect(server.script.events == ["refused body_too_large"])
    }

    @Test func `a client that waits to be told is told`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        #expect(try client.answer().status == 100)
        client.send("hello")
        #expect(try client.answer().body == "hello")
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi")
        #expect(try client.answer().body == "hi")
        client.close()
        #expect(server.stop())
    }

    @Test func `a refused request's small body is thrown away and the connection kept`() throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n\(Self.large.prefix(60_000))")
        #expect(try client.answer().status == 404)
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1")
        #expect(try client.answer().body == "1")
        client.close()
        #expect(server.stop())
    }

    @Test(arguments: [
        "Content-Length: 70000\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n",
        "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    ])
    func `a refused request whose body is long or of unknown length closes the connection`(_ rest: String) throws {
        let server = try ScriptedServer()
        let client = try server.client()
        client.send("POST /x HTTP/1.1\r\nHost: a\r\n\(rest)")
        let answer = try client.answer()
        #expect(answer.status == 404)
        #expect(answer.fields["connection"] == "close")
        client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.rest().isEmpty)
        client.close()
        #expect(server.stop())
        #expect(server.script.events.isEmpty)
    }
}
