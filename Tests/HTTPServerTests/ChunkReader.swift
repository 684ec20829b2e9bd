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
