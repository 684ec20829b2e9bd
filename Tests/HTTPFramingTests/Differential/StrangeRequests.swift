import TestSupport

/// Requests that two readers could understand in two ways: rows of the corpus, changed, and requests put together from
/// parts that have confused readers before.
struct StrangeRequests {
    private(set) var random: SeededGenerator

    init(_ random: SeededGenerator) {
        self.random = random
    }

    mutating func next() -> [UInt8] {
        var bytes = Bool.random(using: &random) ? (pick(Framing.all).bytes) : made()
        for _ in 0..<pick([0, 0, 0, 1, 1, 2, 3]) {
            bytes = changed(bytes)
        }
        return bytes
    }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: choices.indices, using: &random)]
    }

    /// Mostly the first choice, so that most parts of a request are sound.
    private mutating func mostly(_ sound: String, _ strange: [String]) -> String {
        Int.random(in: 0..<16, using: &random) == 0 ? pick(strange) : sound
    }

    private mutating func made() -> [UInt8] {
        let end = mostly("\r\n", ["\n", "\r", "\r\r\n", "\r\n\r\n", "\n\r"])
        var head = mostly("", ["\r\n", "\n", " ", "\r\n\r\n", "\0"])
        head += pick([
            "GET", "POST", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT", "PATCH", "get", "X-Y",
        ])
        head += mostly(" ", ["  ", "\t", "", "\u{B}"])
        head += mostly(
            "/a?b=c",
            [
                "*", "/", "http://h/a", "h:1", "/a b", "/\u{7F}", "/%zz", "/#f", "//a", "/\u{1}", "",
                "http://h", "HTTPS://[::1]:8/?a", "http://u@h/", "http:///a", "/?[a]={b}|^`", "/?a=100%", "/?\u{E9}",
                "/[a]",
            ]
        )
        head += mostly(" ", ["  ", "\t", "", "\r"])
        head += mostly(
            "HTTP/1.1",
            ["HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/01.1", "HTTP/1.1 "]
        )
        head += end
        for _ in 0..<Int.random(in: 0...5, using: &random) { head += field() + mostly(end, ["\n", "\r"]) }
        head += mostly("Host: h\(end)", ["", "Host: h\r\nHost: h\r\n", "Host:\r\n", "hOST: a b\r\n", "Host : h\r\n"])
        let (framing, body) = framedBody()
        return Array((head + framing + end + body + mostly("", ["GET /2 HTTP/1.1\r\nHost: h\r\n\r\n", "x"])).utf8)
    }

    private mutating func field() -> String {
        let name = pick([
            "X-A", "x_a", "Connection", "Upgrade", "Expect", "TE", "Trailer", "Content-Length", "Transfer-Encoding",
            "Content-Encoding", "Transfer-Encoding ", " X-B", "X\u{E9}", "X-C\t", "", "X:Y",
        ])
        let value = pick([
            "1", "", "close", "keep-alive", "Upgrade", "websocket", "h2c", "TLS/1.2", "h2c, x", "100-continue",
            "chunked", "identity", "0",
            "5",
            "close, Content-Length", "a\tb", "a\u{0}b", "\u{E9}", "a\r\n b", "a\r b", "\u{C}", "\"a,b\"",
            "gzip, chunked",
        ])
        return name + mostly(":", [" :", "", "::"]) + mostly(" ", ["", "\t", "  ", "\u{B}"]) + value
            + mostly("", [" ", "\t"])
    }

    private mutating func framedBody() -> (fields: String, body: String) {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return ("", "")
        case 1:
            let length = mostly(
                "5",
                ["+5", "05", "5,5", "0x5", "-5", "5 ", "", "5\t", " 5", "99999999999999999999", "4"]
            )
            return ("Content-Length: \(length)\r\n", "hello")
        case 2:
            return ("Content-Length: 5\r\nContent-Length: \(mostly("5", ["6", "0"]))\r\n", "hello")
        case 3:
            return ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunks())
        default:
            let coding = mostly(
                "chunked",
                [
                    "Chunked", "chunked ", "\u{B}chunked", "identity", "gzip, chunked", "chunked, chunked", "xchunked",
                    "chunked;a",
                    "\"chunked\"", "", "chunked\r\nTransfer-Encoding: identity", ",chunked",
                ]
            )
            return ("Transfer-Encoding: \(coding)\r\n", chunks())
        }
    }

    private mutating func chunks() -> String {
        let end = mostly("\r\n", ["\n", "\r", "\r\r\n"])
        var text = ""
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let size = mostly(
                "5",
                [
                    "05", "0x5", "5 ", " 5", "+5", "-5", "5;a=b", "5;a=\"\r\n\"", "5;a=\"b", "5;a=b;c", "5; a", "5;=b",
                    "5;a=", "5;a=\"\\\"\"", "5;\n", "5\t", "", "4", "6", "F",
                ]
            )
            text += size + mostly(end, ["\n", "\r"]) + "hello" + mostly(end, ["", "\n", "x\r\n"])
        }
        text += mostly("0", ["00", "0;a", "-0", "0 ", "000000000000000000000"])
        text +=
            mostly(end, ["\n", "\r"])
            + mostly("", ["X: 1\r\n", "Content-Length: 9\r\n", "X : 1\r\n", " a: b\r\n", "a\r\n"])
        return text + mostly(end, ["\n", "", "\r"])
    }

    private mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return [pick(Self.interesting)] }
        var bytes = bytes
        let place = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = pick(Self.interesting)
        case 1: bytes.insert(pick(Self.interesting), at: place)
        case 2: bytes.remove(at: place)
        case 3: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        default:
            let piece = bytes[place..<min(bytes.count, place + Int.random(in: 1...20, using: &random))]
            bytes.insert(contentsOf: piece, at: Int.random(in: bytes.indices, using: &random))
        }
        return bytes
    }

    private static let interesting: [UInt8] = [
        0, 1, 9, 10, 11, 12, 13, 32, 34, 44, 48, 57, 58, 59, 65, 97, 0x7F, 0x80, 0xFF,
    ]
}
