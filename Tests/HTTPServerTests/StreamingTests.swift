import HTTPServer
import TestSupport
import Testing

struct StreamingTests {
    private func get(_ path: String, method: String = "GET", version: String = "1.1") -> String {
        "\(method) \(path) HTTP/\(version)\r\nHost: a\r\n\r\n"
    }

    @Test func `a streamed answer comes in chunks and the connection is kept`() throws {
        let server = try StreamingServer()
        defer { _ = server.server.drain(within: .seconds(5)) }
        let client = try server.client()
        client.send(get("/pieces/100000") + get("/plain"))
        let head = try client.answer()
        #expect(head.status == 200)
        #expect(head.fields["transfer-encoding"] == "chunked")
        #expect(head.fields["content-length"] == nil && head.fields["connection"] == nil)
        #expect(try ChunkReader.body(of: client) == StreamingHandler.pattern(0..<100_000))
        #expect(try client.answer().status == 200, "the request that was pipelined behind the stream")
    }

    @Test func `a stream of HTTP 1.0 ends with its connection`() throws {
        let server = try StreamingServer()
        defer { _ = server.server.drain(within: .seconds(5)) }
        let client = try server.client()
        client.send(get("/pieces/70000", version: "1.0"))
        let head = try client.answer()
        #expect(head.fields["transfer-encoding"] == nil)
        #expect(head.fields["connection"] == "close")
        #expect(try client.read(70_000) == StreamingHandler.pattern(0..<70_000))
        #expect(try client.rest() == "")
    }

    @Test func `HEAD gets the head of a stream and the next answer follows`() throws {
        let server = try StreamingServer()
        defer { _ = server.server.drain(within: .seconds(5)) }
        let client = try server.client()
        client.send(get("/pieces/10", method: "HEAD") + get("/plain"))
        #expect(try client.answer(bodiless: true).fields["transfer-encoding"] == "chunked")
        #expect(try client.answer().fields["content-length"] == "0")
        #expect(server.script.events.contains("not begun"))
    }

    @Test func `what is written later reaches a client that waits`() throws {
        let server = try StreamingServer { $0.answerDeadlineMilliseconds = 1 }
        defer { _ = server.server.drain(within: .seconds(5)) }
        let client = try server.client()
        client.send(get("/open"))
        _ = try client.answer()
        #expect(try client.read(10) == Array("5\r\nhello\r\n".utf8))
        for _ in 0..<3 {
            server.bell.ring()
            #expect(try client.read(6) == Array("1\r\n.\r\n".utf8))
        }
    }

    @Test func `a client that leaves is told to the stream's owner once`() throws {
        let server = try StreamingServer()
        defer { _ = server.server.drain(within: .seconds(5)) }
        let client = try server.client()
        client.send(get("/open"))
        #expect(server.script.wait(for: "open"))
        client.reset()
        #expect(server.script.wait(for: "gone"))
        server.bell.ring()
        #expect(server.script.wait(for: "wrote -1"))
        #expect(server.script.events.count { $0 == "gone" } == 1)
        #expect(!server.script.events.contains("abandoned"))
    }

    @Test func `a client that takes nothing is cut at the write deadline`() throws {
        let server = try StreamingServer { $0.writeDeadlineMilliseconds = 50 }
        defer { _ = server.server.drain(within: .seconds(5)) }
        let client = try server.client(receiveBufferBytes: 4096)
        client.send(get("/pieces/50000000"))
        #expect(server.script.wait(for: "refused slow_reader"))
        #expect(server.script.wait(for: "gone"))
        #expect(server.script.events.contains("full"))
        client.close()
    }

    @Test func `a drain lets the owner say a last word and ends the stream`() throws {
        let server = try StreamingServer()
        let client = try server.client()
        client.send(get("/open"))
        _ = try client.answer()
        #expect(try client.read(10) == Array("5\r\nhello\r\n".utf8))
        let drained = Background { server.server.drain(within: .seconds(5)) }
        #expect(try ChunkReader.body(of: client) == Array("bye".utf8))
        #expect(try client.rest() == "")
        client.close()
        #expect(drained.value)
    }

    @Test(arguments: 1...8)
    func `whatever is written in whatever pieces is what the client reads`(round: UInt64) throws {
        var random = SeededGenerator()
        let seed = random.seed &+ round
        let server = try StreamingServer(seed: seed) {
            $0.streamBytesMax = Int.random(in: 100...100_000, using: &random)
        }
        defer { _ = server.server.drain(within: .seconds(5)) }
        let client = try server.client(receiveBufferBytes: Bool.random(using: &random) ? 2048 : nil)
        for _ in 0..<3 {
            let count = Int.random(in: 0...300_000, using: &random)
            client.send(get("/pieces/\(count)"))
            _ = try client.answer()
            let body = try ChunkReader.body(of: client)
            #expect(body == StreamingHandler.pattern(0..<count), "seed \(random.seed)")
        }
        #expect(!server.script.events.contains("beyond"), "seed \(random.seed)")
    }
}

/// Reads a streamed answer strictly: each chunk's size in hexadecimal, CRLF, its bytes, CRLF, to the last chunk.
enum ChunkReader {
    static func body(of client: TestClient) throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try client.read(through: Array("\r\n".utf8)).dropLast(2)
            guard let count = Int(String(decoding: line, as: UTF8.self), radix: 16) else {
                throw TestClient.Failure(reason: "no chunk size: \(line)")
            }
            let bytes = try client.read(count + 2)
            guard bytes.suffix(2) == [0x0D, 0x0A] else { throw TestClient.Failure(reason: "no end of a chunk") }
            guard count > 0 else { return body }
            body += bytes.dropLast(2)
        }
    }
}
