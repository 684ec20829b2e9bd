import NotionWebhooks
import Receiver
import Testing

/// A row of the table of hostile requests: what is sent, and everything that may follow from it.
struct HostileRequest: Sendable, CustomTestStringConvertible {
    enum Connection: Sendable { case kept, closed }
    enum Effect: Sendable, Equatable { case none, event, deadLetter }

    let name: String
    let bytes: [UInt8]
    let status: Int
    let connection: Connection
    let effect: Effect
    let outcome: DeliveryOutcome
    /// The client closes its sending half after the bytes.
    var halfCloses = false

    var testDescription: String { name }

    static let path = "/notion/webhooks"
    static let token = VerificationToken("secret_forTestsOnly")
    static let eventID = "3d653490-fc91-4c5c-a3ae-ef140e451295"
    static let plain = Array(
        """
        {"id":"\(eventID)","timestamp":"2026-10-06T09:22:27.802Z",\
        "workspace_id":"b2cd3173-5274-46d6-b7e7-82b085abaed1",\
        "entity":{"id":"2f1d1674-a7fc-8581-93fb-dfdca3936e9c","type":"page"},"type":"page.created","attempt_number":1}
        """.utf8
    )

    static func signature(_ body: [UInt8]) -> String {
        guard let token else { preconditionFailure("The token of the tests is a token.") }
        return Signature.sign(body.span, with: token)
    }

    /// A request with the right signature and length, and whatever else is asked for.
    static func signed(
        _ body: [UInt8],
        line: String = "POST /notion/webhooks HTTP/1.1",
        extra: [String] = []
    ) -> [UInt8] {
        request(line, ["X-Notion-Signature: \(signature(body))", "Content-Length: \(body.count)"] + extra, body)
    }

    static func request(_ line: String, _ fields: [String], _ body: [UInt8]) -> [UInt8] {
        Array(([line, "Host: relay.example"] + fields).joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8) + body
    }

    static func chunked(_ body: [UInt8], size: Int = 1024) -> [UInt8] {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: size) {
            let chunk = body[start..<min(start + size, body.count)]
            bytes += Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + Array("\r\n".utf8)
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    static func with(_ member: String) -> [UInt8] {
        Array(String(decoding: plain.dropLast(), as: UTF8.self).utf8) + Array((",\"data\":" + member + "}").utf8)
    }
}

extension HostileRequest {
    static let all: [HostileRequest] = signatures + bodies + encodings + sizes + framings + protocols + healthySenders

    private static func post(_ fields: [String], _ body: [UInt8] = plain) -> [UInt8] {
        request("POST /notion/webhooks HTTP/1.1", fields + ["Content-Length: \(body.count)"], body)
    }

    private static func unverified(_ name: String, _ fields: [String], _ outcome: DeliveryOutcome) -> HostileRequest {
        HostileRequest(
            name: name,
            bytes: post(fields),
            status: 401,
            connection: .kept,
            effect: .none,
            outcome: outcome
        )
    }

    private static let hex = String(signature(plain).dropFirst(7))

    static let signatures: [HostileRequest] = [
        unverified("no signature", [], .unsigned),
        unverified("signature with a wrong prefix", ["X-Notion-Signature: sha1=\(hex)"], .badSignature),
        unverified("signature with an upper-case prefix", ["X-Notion-Signature: SHA256=\(hex)"], .badSignature),
        unverified("signature without a prefix", ["X-Notion-Signature: \(hex)"], .badSignature),
        unverified("short signature", ["X-Notion-Signature: sha256=\(hex.dropLast())"], .badSignature),
        unverified("long signature", ["X-Notion-Signature: sha256=\(hex)0"], .badSignature),
        unverified("signature that is not hex", ["X-Notion-Signature: sha256=\(hex.dropLast())g"], .badSignature),
        unverified("empty signature", ["X-Notion-Signature:"], .badSignature),
        unverified(
            "two signature headers, both right",
            ["X-Notion-Signature: sha256=\(hex)", "X-Notion-Signature: sha256=\(hex)"],
            .badSignature
        ),
        unverified(
            "signature of another body",
            ["X-Notion-Signature: \(signature(Array("{}".utf8)))"],
            .badSignature
        ),
        HostileRequest(
            name: "signature in the query string",
            bytes: request(
                "POST /notion/webhooks?X-Notion-Signature=sha256=\(hex) HTTP/1.1",
                ["Content-Length: \(plain.count)"],
                plain
            ),
            status: 401,
            connection: .kept,
            effect: .none,
            outcome: .unsigned
        ),
        HostileRequest(
            name: "signature in upper-case hex",
            bytes: post(["X-Notion-Signature: sha256=\(hex.uppercased())"]),
            status: 200,
            connection: .kept,
            effect: .event,
            outcome: .published
        ),
        HostileRequest(
            name: "empty body, unsigned",
            bytes: post([], []),
            status: 401,
            connection: .kept,
            effect: .none,
            outcome: .unsigned
        ),
    ]

    private static func body(_ name: String, _ bytes: [UInt8], _ effect: Effect, extra: [String] = []) -> HostileRequest
    {
        HostileRequest(
            name: name,
            bytes: signed(bytes, extra: extra),
            status: 200,
            connection: .kept,
            effect: effect,
            outcome: effect == .event ? .published : .deadLettered
        )
    }

    private static func body(_ name: String, _ text: String, _ effect: Effect) -> HostileRequest {
        body(name, Array(text.utf8), effect)
    }

    static let bodies: [HostileRequest] = [
        body("signed empty body", "", .deadLetter),
        body("signed text that is not JSON", "hello", .deadLetter),
        body("array", "[\(String(decoding: plain, as: UTF8.self))]", .deadLetter),
        body("scalar", "42", .deadLetter),
        body("two values", "{} {}", .deadLetter),
        body("raw NUL in a string", with("\"a\0b\""), .deadLetter),
        body("half a surrogate pair, escaped", with("\"\\ud800\""), .event),
        body(
            "half a surrogate pair in the entity's id",
            String(decoding: plain, as: UTF8.self).replacing("2f1d1674", with: "\\ud83d"),
            .deadLetter
        ),
        body("a byte order mark before it", [0xEF, 0xBB, 0xBF] + plain, .event),
        body("a whole surrogate pair, escaped", with("\"\\ud83d\\ude00\""), .event),
        body("escaped NUL in a string", with("\"a\\u0000b\""), .event),
        body("invalid UTF-8", with("\"") + [0xff, 0xfe] + Array("\"}".utf8), .deadLetter),
        body("overlong UTF-8", Array(with("\"#\"").map { $0 == 0x23 ? [0xc0, 0xaf] : [$0] }.joined()), .deadLetter),
        body(
            "10,000-deep nesting",
            with(String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)),
            .deadLetter
        ),
        body("10,000 open brackets", String(repeating: "[", count: 10_000), .deadLetter),
        body("string of 1 MB less a little", with("\"\(String(repeating: "x", count: 1_000_000))\""), .event),
        body("number with 10,000 digits", with("{\"n\":\(String(repeating: "9", count: 10_000))}"), .event),
        body(
            "no id",
            #"{"type":"page.created","entity":{"id":"2f1d1674a7fc858193fbdfdca3936e9c","type":"page"}}"#,
            .deadLetter
        ),
        body("no entity", #"{"id":"\#(eventID)","type":"page.created"}"#, .deadLetter),
        body("entity without id", #"{"id":"\#(eventID)","type":"page.created","entity":{"type":"page"}}"#, .deadLetter),
        body("entity is a string", #"{"id":"\#(eventID)","type":"page.created","entity":"page"}"#, .deadLetter),
        body("id is a number", #"{"id":7,"type":"page.created","entity":{"id":"a","type":"page"}}"#, .deadLetter),
        body(
            "no type",
            #"{"id":"\#(eventID)","entity":{"id":"2f1d1674-a7fc-8581-93fb-dfdca3936e9c","type":"page"}}"#,
            .event
        ),
        body(
            "unknown type",
            String(decoding: plain, as: UTF8.self).replacing("page.created", with: "page.painted"),
            .event
        ),
        body(
            "the id twice",
            #"{"id":"\#(eventID)",\#(String(decoding: plain.dropFirst(), as: UTF8.self))"#,
            .deadLetter
        ),
        body(
            "white space everywhere",
            String(decoding: plain, as: UTF8.self).replacing(",", with: " \r\n\t, "),
            .event
        ),
        body(
            "multipart/form-data with a good signature",
            plain,
            .event,
            extra: ["Content-Type: multipart/form-data; boundary=x"]
        ),
        body(
            "a form, signed",
            Array("--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--".utf8),
            .deadLetter,
            extra: ["Content-Type: multipart/form-data; boundary=x"]
        ),
    ]

    private static func encoded(_ name: String, _ fields: [String], _ body: [UInt8] = plain) -> HostileRequest {
        let request = post(fields, body)
        return HostileRequest(
            name: name,
            bytes: request,
            status: 415,
            connection: .kept,
            effect: .none,
            outcome: .unsupportedEncoding
        )
    }

    private static let gzip: [UInt8] = [0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0]

    static let encodings: [HostileRequest] = [
        encoded("gzip, signed", ["X-Notion-Signature: \(signature(gzip))", "Content-Encoding: gzip"], gzip),
        encoded("gzip, unsigned", ["Content-Encoding: gzip"], gzip),
        encoded(
            "Content-Encoding over plain JSON",
            ["X-Notion-Signature: \(signature(plain))", "Content-Encoding: br"]
        ),
        encoded("Content-Encoding in a list", ["Content-Encoding: identity, zstd"]),
        encoded("an unknown Content-Encoding, twice", ["Content-Encoding: identity", "content-encoding: rot13"]),
        body("Content-Encoding: identity", plain, .event, extra: ["Content-Encoding: identity"]),
        body("an empty Content-Encoding", plain, .event, extra: ["Content-Encoding:"]),
    ]
}

/// Rows about sizes, framing and the protocol itself.
extension HostileRequest {
    static let bodyBytesMax = 1_048_576

    private static func closing(
        _ name: String,
        _ bytes: [UInt8],
        _ status: Int,
        _ outcome: DeliveryOutcome
    ) -> HostileRequest {
        HostileRequest(name: name, bytes: bytes, status: status, connection: .closed, effect: .none, outcome: outcome)
    }

    private static func framing(_ name: String, _ fields: [String], _ body: [UInt8] = plain) -> HostileRequest {
        let fields = fields + ["X-Notion-Signature: \(signature(plain))"]
        return closing(name, request("POST /notion/webhooks HTTP/1.1", fields, body), 400, .malformedRequest)
    }

    private static let tooLong = [UInt8](repeating: 0x20, count: bodyBytesMax + 1)

    static let sizes: [HostileRequest] = [
        closing(
            "one byte over the limit, declared",
            request("POST /notion/webhooks HTTP/1.1", ["Content-Length: \(bodyBytesMax + 1)"], tooLong),
            413,
            .tooLarge
        ),
        closing(
            "one byte over the limit, chunked",
            request("POST /notion/webhooks HTTP/1.1", ["Transfer-Encoding: chunked"], chunked(tooLong, size: 65_536)),
            413,
            .tooLarge
        ),
        HostileRequest(
            name: "exactly the limit",
            bytes: signed(with("\"\(String(repeating: "x", count: bodyBytesMax - plain.count - 10))\"")),
            status: 200,
            connection: .kept,
            effect: .event,
            outcome: .published
        ),
        closing(
            "a header of 64 KiB",
            request("POST /notion/webhooks HTTP/1.1", ["X-Long: \(String(repeating: "x", count: 65_536))"], []),
            431,
            .headersTooLarge
        ),
        closing(
            "1,000 headers",
            request("POST /notion/webhooks HTTP/1.1", (0..<1_000).map { "X-\($0): y" }, []),
            431,
            .headersTooLarge
        ),
    ]

    static let framings: [HostileRequest] = [
        framing(
            "Content-Length beside Transfer-Encoding",
            ["Content-Length: \(plain.count)", "Transfer-Encoding: chunked"]
        ),
        framing("two Content-Lengths that differ", ["Content-Length: \(plain.count)", "Content-Length: 5"]),
        framing("two equal Content-Lengths", ["Content-Length: \(plain.count)", "Content-Length: \(plain.count)"]),
        framing("a list of Content-Lengths", ["Content-Length: \(plain.count), \(plain.count)"]),
        framing("Content-Length with a sign", ["Content-Length: +\(plain.count)"]),
        framing("Content-Length beyond 64 bits", ["Content-Length: 18446744073709551616"]),
        framing("obs-fold", ["Content-Length: \(plain.count)", "X-Folded: a\r\n b"]),
        framing("a space before the colon", ["Content-Length : \(plain.count)"]),
        framing("a header without a colon", ["Content-Length: \(plain.count)", "nonsense"]),
        framing("NUL in a value", ["Content-Length: \(plain.count)", "X-Bad: a\0b"]),
        framing("bare CR in a value", ["Content-Length: \(plain.count)", "X-Bad: a\rb"]),
        framing("bare LF between headers", ["Content-Length: \(plain.count)\nX-Bad: a"]),
        framing("two Host headers", ["Content-Length: \(plain.count)", "Host: other.example"]),
        framing("a chunk size that overflows", ["Transfer-Encoding: chunked"], Array("fffffffffffffffff\r\n".utf8)),
        framing("a chunk size that is no number", ["Transfer-Encoding: chunked"], Array("xyz\r\n".utf8)),
        framing("a chunk without its CRLF", ["Transfer-Encoding: chunked"], Array("1\r\naXX0\r\n\r\n".utf8)),
        framing("a chunk line with a bare LF", ["Transfer-Encoding: chunked"], Array("1\na\r\n0\r\n\r\n".utf8)),
    ]

    static let protocols: [HostileRequest] = [
        HostileRequest(
            name: "GET",
            bytes: request("GET /notion/webhooks HTTP/1.1", [], []),
            status: 405,
            connection: .kept,
            effect: .none,
            outcome: .methodNotAllowed
        ),
        HostileRequest(
            name: "unknown path",
            bytes: signed(plain, line: "POST /other HTTP/1.1"),
            status: 404,
            connection: .kept,
            effect: .none,
            outcome: .notFound
        ),
        HostileRequest(
            name: "HTTP/1.0",
            bytes: signed(plain, line: "POST /notion/webhooks HTTP/1.0"),
            status: 200,
            connection: .closed,
            effect: .event,
            outcome: .published
        ),
        HostileRequest(
            name: "chunked",
            bytes: request(
                "POST /notion/webhooks HTTP/1.1",
                ["X-Notion-Signature: \(signature(plain))", "Transfer-Encoding: chunked"],
                chunked(plain, size: 7)
            ),
            status: 200,
            connection: .kept,
            effect: .event,
            outcome: .published
        ),
        HostileRequest(
            name: "half-closed after the request",
            bytes: signed(plain),
            status: 200,
            connection: .closed,
            effect: .event,
            outcome: .published,
            halfCloses: true
        ),
        HostileRequest(
            name: "half-closed in the middle of the body",
            bytes: Array(signed(plain).dropLast(5)),
            status: 400,
            connection: .closed,
            effect: .none,
            outcome: .malformedRequest,
            halfCloses: true
        ),
        closing(
            "HTTP/2 preface",
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8),
            505,
            .unsupportedVersion
        ),
        closing("HTTP/1.2", signed(plain, line: "POST /notion/webhooks HTTP/1.2"), 505, .unsupportedVersion),
        closing(
            "a request line of 9 KiB",
            signed(plain, line: "POST /notion/webhooks?\(String(repeating: "x", count: 9_216)) HTTP/1.1"),
            414,
            .requestLineTooLong
        ),
        closing("another expectation", signed(plain, extra: ["Expect: 200-ok"]), 417, .expectationFailed),
        closing(
            "another transfer coding",
            request("POST /notion/webhooks HTTP/1.1", ["Transfer-Encoding: gzip"], plain),
            501,
            .notImplemented
        ),
        closing("a PROXY protocol header", Array("PROXY UNKNOWN\r\n".utf8) + signed(plain), 400, .malformedRequest),
        closing("no version", Array("POST /notion/webhooks\r\n\r\n".utf8), 400, .malformedRequest),
    ]
    private static func good(
        _ name: String,
        _ target: String = "/notion/webhooks",
        _ extra: [String] = [],
        _ connection: Connection = .kept
    ) -> HostileRequest {
        HostileRequest(
            name: name,
            bytes: signed(plain, line: "POST \(target) HTTP/1.1", extra: extra),
            status: 200,
            connection: connection,
            effect: .event,
            outcome: .published
        )
    }

    /// What looks unusual, and is not: senders in use do this.
    static let healthySenders: [HostileRequest] = [
        good("a query as browsers leave it", "/notion/webhooks?tags[]=crm&a={b}|c^d`e"),
        good("a query with percent signs", "/notion/webhooks?label=100%&x=%zz"),
        good("a query as curl leaves it", "/notion/webhooks?name=Caf\u{E9}\\\"<>"),
        good("a slash at the end", "/notion/webhooks/"),
        good("absolute-form", "http://relay.example/notion/webhooks"),
        good("absolute-form of another host", "https://public.example:8443/notion/webhooks?a=b"),
        good(
            "Java's HttpClient",
            "/notion/webhooks",
            [
                "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
            ],
            .closed
        ),
        good("Apache's HttpClient", "/notion/webhooks", ["Upgrade: TLS/1.2", "Connection: Upgrade"], .closed),
        good("an upgrade that the connection does not name", "/notion/webhooks", ["Upgrade: websocket"]),
    ]
}
