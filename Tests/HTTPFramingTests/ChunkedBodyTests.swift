import HTTPFraming
import TestSupport
import Testing

struct ChunkedBodyTests {
    @Test func `random bodies in random chunks and pieces come out whole`() {
        var generator = SeededGenerator()
        for _ in 0..<500 {
            let body = (0..<Int.random(in: 0...16, using: &generator)).map { _ in
                UInt8.random(in: 0x20...0x7E, using: &generator)
            }
            let head = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            let bytes = head + Self.encoded(body, using: &generator)
            let count = Int.random(in: 0...20, using: &generator)
            let cuts = (0..<count).map { _ in Int.random(in: 0...bytes.count, using: &generator) }.sorted()
            let outcome = PiecewiseReader.outcome(of: bytes, cutAt: cuts)
            let expected = "POST / \"\(String(decoding: body, as: UTF8.self))\""
            #expect(outcome == expected, "seed \(generator.seed)")
        }
    }

    /// The simple model: sizes in any case and with leading zeros, extensions and trailers here and there.
    private static func encoded(_ body: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(Int.random(in: 1...rest.count, using: &generator))
            let zeros = String(repeating: "0", count: Int.random(in: 0...3, using: &generator))
            let size = String(chunk.count, radix: 16, uppercase: Bool.random(using: &generator))
            let ending = Bool.random(using: &generator) ? "" : ";name=\"value\""
            bytes += Array("\(zeros)\(size)\(ending)\r\n".utf8) + chunk + Array("\r\n".utf8)
            rest = rest.dropFirst(chunk.count)
        }
        let trailer = Bool.random(using: &generator) ? "" : "Some-Trailer: value\r\n"
        return bytes + Array("0\r\n\(trailer)\r\n".utf8)
    }
}
