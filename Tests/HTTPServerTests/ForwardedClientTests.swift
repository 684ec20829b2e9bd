import HTTPFraming
import TestSupport
import Testing

@testable import HTTPServer

struct ForwardedClientTests {
    private func client(
        _ fields: String,
        peer: String = "10.0.0.1:7",
        trusted: [String] = ["10.0.0.0/8"]
    ) throws -> String {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
        var parser = RequestParser(limits: Limits())
        #expect(parser.parseHead(bytes.span) == .done)
        let peer = try #require(peer == "unix" ? .unix : ClientAddress(text: peer))
        let ranges = trusted.compactMap(AddressRange.init)
        return ForwardedClient.address(of: parser.head(over: bytes.span), peer: peer, trusted: ranges).description
    }

    @Test(arguments: [
        ("", "10.0.0.1:7"),
        ("X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1"),
        ("X-Forwarded-For: 192.0.2.1:4711\r\n", "192.0.2.1:4711"),
        ("X-Forwarded-For: 198.51.100.9, 192.0.2.1\r\n", "192.0.2.1"),
        ("X-Forwarded-For: 198.51.100.9,192.0.2.1 , 10.1.1.1,10.2.2.2\r\n", "192.0.2.1"),
        ("X-Forwarded-For: 198.51.100.9\r\nX-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1"),
        ("X-Forwarded-For: 10.3.3.3, 10.4.4.4\r\n", "10.3.3.3"),
        ("X-Forwarded-For: 192.0.2.1, what?, 10.4.4.4\r\n", "10.4.4.4"),
        ("X-Forwarded-For: 192.0.2.1,\r\n", "10.0.0.1:7"),
        ("X-Forwarded-For: 192.0.2.256\r\n", "10.0.0.1:7"),
        ("X-Forwarded-For: 2001:db8::1\r\n", "[2001:db8:0:0:0:0:0:1]"),
        ("X-Forwarded-For: [2001:db8::1]:80\r\n", "[2001:db8:0:0:0:0:0:1]:80"),
        ("X-Forwarded-For: ::ffff:192.0.2.1\r\n", "192.0.2.1"),
        ("Forwarded: for=192.0.2.1\r\n", "192.0.2.1"),
        ("forwarded: proto=https;FOR=\"[2001:db8::1]:80\";by=x, for=10.5.5.5\r\n", "[2001:db8:0:0:0:0:0:1]:80"),
        ("Forwarded: for=unknown\r\n", "10.0.0.1:7"),
        ("Forwarded: for=_hidden, for=10.5.5.5\r\n", "10.5.5.5"),
        ("Forwarded: for=2001:db8::1\r\n", "10.0.0.1:7"),
        ("Forwarded: for=192.0.2.1;for=192.0.2.2\r\n", "10.0.0.1:7"),
        ("Forwarded: for=\"192.0.2.1\r\n", "10.0.0.1:7"),
        ("Forwarded: by=192.0.2.1\r\n", "10.0.0.1:7"),
        ("Forwarded: for=192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\n", "10.0.0.1:7"),
    ])
    func `the first hop from here that is not trusted is the client`(fields: String, expected: String) throws {
        #expect(try client(fields) == expected)
    }

    @Test func `a peer that is not trusted speaks for itself`() throws {
        let fields = "X-Forwarded-For: 192.0.2.1\r\n"
        #expect(try client(fields, peer: "203.0.113.5:7") == "203.0.113.5:7")
        #expect(try client(fields, trusted: []) == "10.0.0.1:7")
        #expect(try client(fields, peer: "unix") == "unix")
        #expect(try client(fields, peer: "unix", trusted: ["unix"]) == "192.0.2.1")
    }

    @Test func `whatever the headers hold, the walk ends at an address and never before an untrusted hop`() throws {
        var random = SeededGenerator()
        let parts = [
            "for=", "192.0.2.1", "10.9.9.9", ",", ";", "\"", "[", "]", ":80", "2001:db8::1", " ", "\t", "unknown", "=",
            "_x", "é",
        ]
        for _ in 0..<3000 {
            let value = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                parts[Int.random(in: parts.indices, using: &random)]
            }.joined()
            let name = Bool.random(using: &random) ? "Forwarded" : "X-Forwarded-For"
            let client = try client("\(name): \(value)\r\n")
            let isKnown = ["10.0.0.1:7", "10.9.9.9", "192.0.2.1", "[2001:db8:"].contains { client.hasPrefix($0) }
            #expect(isKnown, "\(random): \(value) gives \(client)")
            #expect(try self.client("\(name): \(value)\r\n", peer: "203.0.113.5") == "203.0.113.5")
        }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("0.0.0.0/0", "203.0.113.5", true),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.128/25", "192.0.2.127", false),
        ("2001:db8::/32", "2001:db8:1::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("::/0", "2001:db8::1", true),
        ("::/0", "192.0.2.1", false), ("2001:db8::1", "2001:db8::1", true), ("2001:db8::/127", "2001:db8::2", false),
        ("::ffff:10.0.0.0", "10.0.0.0", true), ("unix", "192.0.2.1", false),
    ])
    func `a network holds what begins like it`(range: String, address: String, holds: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(#require(ClientAddress(text: address))) == holds)
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "a", "::1/129", "10.0.0.0/-1", "10.0.0.1:80", "[::1]/64/",
    ])
    func `what is no network is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
