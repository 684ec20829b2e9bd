import HTTPFraming
import TestSupport
import Testing

struct RequestParserTests {
    @Test func `the table of framings is there`() {
        #expect(Framing.all.count >= 175)
        #expect(Set(Framing.all.map(\.name)).count == Framing.all.count)
    }

    @Test(arguments: Framing.all)
    func `a framing is read as its row says`(_ row: Framing) {
        #expect(PiecewiseReader.outcome(of: row.bytes, cutAt: []) == row.expected)
    }

    @Test(arguments: Framing.all)
    func `a framing is read alike byte by byte and cut in two anywhere`(_ row: Framing) {
        #expect(PiecewiseReader.outcome(of: row.bytes, cutAt: Array(0...row.bytes.count)) == row.expected)
        for cut in row.bytes.indices {
            #expect(PiecewiseReader.outcome(of: row.bytes, cutAt: [cut]) == row.expected, "cut at \(cut)")
        }
    }

    @Test(arguments: Framing.all)
    func `a framing is read alike in random pieces`(_ row: Framing) {
        var generator = SeededGenerator()
        for _ in 0..<50 {
            let count = Int.random(in: 2...12, using: &generator)
            let cuts = (0..<count).map { _ in Int.random(in: 0...row.bytes.count, using: &generator) }.sorted()
            let outcome = PiecewiseReader.outcome(of: row.bytes, cutAt: cuts)
            #expect(outcome == row.expected, "seed \(generator.seed), cuts \(cuts)")
        }
    }

    @Test func `mangled framings are read alike in any pieces`() {
        var generator = SeededGenerator()
        for row in Framing.all where !row.bytes.isEmpty {
            for _ in 0..<20 {
                var bytes = row.bytes
                let interesting: [UInt8] = [0, 9, 10, 13, 32, 58, 59, 44, 48, 65, 0x7F, 0xFF]
                let place = Int.random(in: bytes.indices, using: &generator)
                bytes[place] = interesting.randomElement(using: &generator) ?? 0
                let whole = PiecewiseReader.outcome(of: bytes, cutAt: [])
                let single = PiecewiseReader.outcome(of: bytes, cutAt: Array(0...bytes.count))
                #expect(whole == single, "seed \(generator.seed), \(row.name), place \(place)")
            }
        }
    }

    @Test func `any bytes end in a request, a refusal or a wait`() {
        var generator = SeededGenerator()
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let whole = PiecewiseReader.outcome(of: bytes, cutAt: [])
            #expect(whole == PiecewiseReader.outcome(of: bytes, cutAt: Array(0...bytes.count)))
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", true),
        ("POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\n", false),
        ("POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\nContent-Length: 1\r\n\r\n", false),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n",
            false
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\n", true),
        ("GET / HTTP/1.0\r\n\r\n", false),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false),
    ])
    func `a connection is kept as version and options say`(_ text: String, keeps: Bool) {
        var parser = RequestParser(limits: Limits())
        #expect(parser.parseHead(Array(text.utf8).span) == .done)
        #expect(parser.keepsAlive == keeps)
    }

    @Test func `an expectation counts in HTTP 1.1 only`() {
        var parser = RequestParser(limits: Limits())
        #expect(
            parser.parseHead(Array("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n".utf8).span) == .done
        )
        #expect(parser.expectsContinue == true)
        parser.reset()
        #expect(parser.parseHead(Array("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n".utf8).span) == .done)
        #expect(parser.expectsContinue == false)
    }

    @Test func `a head shows its parts`() {
        var parser = RequestParser(limits: Limits())
        let text = "PUT /a/b?c=d?e HTTP/1.1\r\nHost: h\r\nX-One: \t 1 \r\nx-ONE: 2\r\nContent-Length: 7\r\n\r\n"
        let bytes = Array(text.utf8)
        #expect(parser.parseHead(bytes.span) == .done)
        let head = parser.head(over: bytes.span)
        #expect(head.method.text == "PUT")
        #expect(head.methodIs("PUT") && !head.methodIs("put") && !head.methodIs("PUTS"))
        #expect(head.target.text == "/a/b?c=d?e")
        #expect(head.path.text == "/a/b")
        #expect(head.pathIs("/a/b") == true)
        #expect(head.query?.text == "c=d?e")
        #expect(head.version == .http11)
        #expect(head.contentLength == 7)
        #expect(head.isChunked == false)
        #expect(head.fieldCount == 4)
        #expect(head.name(1).text == "X-One")
        #expect(head.value(1).text == "1")
        #expect(head.first(named: "x-one")?.text == "1")
        #expect(head.count(named: "x-one") == 2)
        #expect(head.first(named: "x-two")?.text == nil)
        #expect(parser.headEnd == bytes.count)
    }

    @Test func `an empty query is a query`() {
        var parser = RequestParser(limits: Limits())
        let bytes = Array("GET /a? HTTP/1.0\r\n\r\nx".utf8)
        #expect(parser.parseHead(bytes.span) == .done)
        #expect(parser.head(over: bytes.span).query?.count == 0)
        #expect(parser.head(over: bytes.span).path.text == "/a")
    }

    @Test(arguments: [
        ("/a?b", "/a", "b", "h"), ("http://x/a/c?b", "/a/c", "b", "x"), ("HTTPS://x:8443/", "/", nil, "x:8443"),
        ("http://[::1]:80", "/", nil, "[::1]:80"), ("http://x?", "/", "", "x"), ("http://x?/a", "/", "/a", "x"),
        ("http://x:/a", "/a", nil, "x:"),
    ])
    func `a target in absolute-form replaces the host`(_ target: String, path: String, query: String?, host: String) {
        var parser = RequestParser(limits: Limits())
        let bytes = Array("POST \(target) HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        #expect(parser.parseHead(bytes.span) == .done)
        let head = parser.head(over: bytes.span)
        #expect(head.target.text == target)
        #expect(head.path.text == path)
        #expect(head.query?.text == query)
        #expect(head.authority?.text == host)
    }

    @Test func `a target in absolute-form is forgotten with its request`() {
        var parser = RequestParser(limits: Limits())
        #expect(parser.parseHead(Array("GET http://x/y HTTP/1.0\r\n\r\n".utf8).span) == .done)
        parser.reset()
        let bytes = Array("GET /z HTTP/1.0\r\n\r\n".utf8)
        #expect(parser.parseHead(bytes.span) == .done)
        let head = parser.head(over: bytes.span)
        #expect(head.path.text == "/z")
        #expect(head.authority?.text == nil)
    }

    @Test(arguments: [
        ("", false), ("Content-Encoding: identity\r\n", false), ("content-encoding:\r\n", false),
        ("Content-Encoding: Identity , identity\r\n", false), ("Content-Encoding: gzip\r\n", true),
        ("Content-Encoding: identity, br\r\n", true), ("Content-Encoding: identity;q=1\r\n", true),
        ("Content-Encoding: identity\r\nCONTENT-ENCODING: zstd\r\n", true), ("Content-Encodings: gzip\r\n", false),
        ("Accept-Encoding: gzip\r\n", false),
    ])
    func `a body in a content coding is known by its head`(_ fields: String, isEncoded: Bool) {
        var parser = RequestParser(limits: Limits())
        let bytes = Array("POST / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n".utf8)
        #expect(parser.parseHead(bytes.span) == .done)
        #expect(parser.head(over: bytes.span).isEncoded == isEncoded)
    }

    @Test func `every refusal has an error's status and a label of its own`() {
        for refusal in Refusal.allCases {
            #expect((400...599).contains(refusal.status))
            #expect(refusal.rawValue.allSatisfy { $0.isLowercase || $0 == "_" })
        }
    }
}
