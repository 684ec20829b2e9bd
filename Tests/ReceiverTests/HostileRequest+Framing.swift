import Receiver

/// Rows about sizes, framing and the protocol itself.
extension HostileRequest {
    static let bodyBytesMax = 1_048_576

    private static func closing(_ name: String, _ bytes: [UInt8], _ status: Int, _ outcome: Outcome) -> HostileRequest {
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
            .malformedRequest
        ),
        closing("HTTP/1.2", signed(plain, line: "POST /notion/webhooks HTTP/1.2"), 505, .malformedRequest),
        closing("no version", Array("POST /notion/webhooks\r\n\r\n".utf8), 400, .malformedRequest),
    ]
}
