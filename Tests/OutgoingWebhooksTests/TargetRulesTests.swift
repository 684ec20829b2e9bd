import TestSupport
import Testing

@testable import OutgoingWebhooks

@Suite
struct TargetRulesTests {
    @Test(arguments: [
        ("https://example.com", "example.com:443", true), ("http://example.com/a?b=c@d", "example.com:80", false),
        ("https://example.com:8443/x", "example.com:8443", true), ("HTTPS://Example.COM/", "example.com:443", true),
        ("http://127.0.0.1:1", "127.0.0.1:1", false), ("http://[::1]:65535/", "[::1]:65535", false),
        ("http://[FE80::A]", "[fe80::a]:80", false), ("http://[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]:80", false),
        ("http://[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]:80", false), ("http://[::]", "[::]:80", false),
        ("http://[1:2::1.2.3.4]:5", "[1:2::1.2.3.4]:5", false),
        ("https://my_service.svc?x=//y@z", "my_service.svc:443", true),
        ("https://xn--bcher-kva.example/%41%20", "xn--bcher-kva.example:443", true),
        ("https://example.com//a/../b", "example.com:443", true),
    ])
    func `an address is taken apart`(text: String, authority: String, isSecure: Bool) throws {
        let url = try TargetURL(text)
        #expect(url.text == text && url.authority == authority && url.isSecure == isSecure)
    }

    @Test(arguments: [
        ("", TargetError.notHTTP), ("example.com", .notHTTP), ("ftp://example.com", .notHTTP),
        ("file:///etc/passwd", .notHTTP), ("gopher://example.com", .notHTTP), ("//example.com", .notHTTP),
        ("https:example.com", .notHTTP), ("https:/example.com", .notHTTP), ("javascript:alert(1)", .notHTTP),
        ("https://", .badHost), ("https:///x", .badHost), ("https://?x", .badHost), ("https://:443", .badHost),
        ("https://user@example.com", .userInfo), ("https://user:pw@example.com", .userInfo),
        ("https://example.com@evil.example", .userInfo), ("https://example.com:443@evil.example", .userInfo),
        ("https://@example.com", .userInfo), ("https://example.com#@evil.example", .fragment),
        ("https://example.com/#x", .fragment), ("https://example.com\\@evil.example", .badCharacter),
        ("https://example.com/a b", .badCharacter), ("https://example.com/\r\nHost: x", .badCharacter),
        ("https://example.com/\u{0}", .badCharacter), ("https://ex\u{E4}mple.com", .badCharacter),
        ("https://example\u{3002}com", .badCharacter), ("\thttps://example.com", .badCharacter),
        ("https://exa%6Dple.com", .badHost), ("https://example..com", .badHost), ("https://.example.com", .badHost),
        ("https://example.com.", .badHost), ("https://a,b", .badHost), ("https://*.example.com", .badHost),
        ("https://2130706433", .badHost), ("https://0x7f000001", .badHost), ("https://0177.0.0.1", .badHost),
        ("https://127.1", .badHost), ("https://1.2.3.256", .badHost), ("https://1.2.3.4.5", .badHost),
        ("https://1.2.3.0x4", .badHost), ("https://example.123", .badHost), ("https://[::1", .badHost),
        ("https://[::1%25eth0]", .badHost), ("https://[1.2.3.4]", .badHost), ("https://[]", .badHost),
        ("https://[:::]", .badHost), ("https://[1:2]", .badHost),
        ("https://[1:2:3:4:5:6:7:8:9]", .badHost), ("https://[1::2::3]", .badHost), ("https://[12345::]", .badHost),
        ("https://[1:2:3:4:5:6:7::8]", .badHost), ("https://[::ffff:1.2.3.256]", .badHost),
        ("https://[::1.2.3.4:1]", .badHost), ("https://[:1::]", .badHost), ("https://[1.2.3.4::]", .badHost),
        ("https://[::g]", .badHost), ("https://[1:2:3:4:5:6:7:1.2.3.4]", .badHost),

        ("https://::1", .badHost), ("https://[::1]x", .badPort), ("https://example.com:", .badPort),
        ("https://example.com:0", .badPort), ("https://example.com:65536", .badPort),
        ("https://example.com:+80", .badPort), ("https://example.com:80:80", .badPort),
        ("https://example.com:080808", .badPort), ("https://" + String(repeating: "a", count: 64), .badHost),
        ("https://" + Array(repeating: "abcdefgh", count: 30).joined(separator: "."), .badHost),
        ("https://example.com/" + String(repeating: "a", count: 2_048), .tooLong),
    ])
    func `what could be read in two ways is refused`(text: String, error: TargetError) {
        #expect(throws: error) { try TargetURL(text) }
        #expect(!error.description.contains("\n") && !error.description.contains("pw"))
    }

    @Test
    func `without a list only the operator's own host and port are allowed`() throws {
        let rules = try TargetRules(url: TargetURL("https://example.com/a"))
        for text in ["https://example.com/b?c", "http://example.com:443/", "https://EXAMPLE.com:443"] {
            #expect(try rules.target(text).text == text)
        }
        for text in [
            "https://example.com:8443/", "http://example.com/", "https://www.example.com/", "https://xample.com",
        ] {
            #expect(throws: TargetError.self) { try rules.target(text) }
        }
    }

    @Test(arguments: [
        ("billing", "http://billing:8080/x", true), ("billing", "https://billing/x", true),
        ("billing", "https://billing.evil.example/x", false), ("billing:8080", "http://billing:8080/x", true),
        ("billing:8080", "http://billing/x", false), ("billing:80", "http://billing/x", true),
        ("BILLING", "http://billing/x", true), ("*.example.com", "https://a.example.com", true),
        ("*.example.com", "https://a.b.example.com:8443", true), ("*.example.com", "https://example.com", false),
        ("*.example.com", "https://badexample.com", false), ("*.example.com", "https://example.com.evil", false),
        ("*.example.com:443", "https://a.example.com", true), ("*.example.com:443", "http://a.example.com", false),
        ("10.0.0.1", "http://10.0.0.1/", true), ("10.0.0.1", "http://10.0.0.2/", false),
        ("[::1]:80", "http://[::1]/", true), ("[::1]", "http://[::2]/", false),
    ])
    func `a rule covers what it says`(rule: String, text: String, isAllowed: Bool) throws {
        let rules = try TargetRules(url: TargetURL("https://own.example"), allowed: ["own.example", rule])
        if isAllowed {
            #expect(try rules.target(text).text == text)
        } else {
            let authority = try TargetURL(text).authority
            #expect(throws: TargetError.notAllowed(host: authority)) { try rules.target(text) }
            #expect(TargetError.notAllowed(host: authority).description.contains(authority))
        }
    }

    @Test
    func `the operator's own address must be on the list as well`() throws {
        let url = try TargetURL("https://own.example")
        #expect(throws: TargetError.notAllowed(host: "own.example:443")) {
            try TargetRules(url: url, allowed: ["other.example"])
        }
    }

    @Test(arguments: [
        "", "*", "*.", "**.example.com", "a.*.com", "*example.com", "https://own.example", "own.example/x", "a b",
        "own.example:", "own.example:0", "u@own.example", "*.[::1]", "\u{E4}.example", "127.1",
    ])
    func `a rule that is none is named by its number`(rule: String) throws {
        let url = try TargetURL("https://own.example")
        #expect(throws: TargetError.badRule(2)) { try TargetRules(url: url, allowed: ["own.example", rule]) }
    }

    @Test
    func `the number of rules has a limit`() throws {
        let url = try TargetURL("https://own.example")
        let most = Array(repeating: "own.example", count: TargetRules.rulesMax)
        #expect(throws: Never.self) { try TargetRules(url: url, allowed: most) }
        #expect(throws: TargetError.tooManyRules(257)) { try TargetRules(url: url, allowed: most + ["a"]) }
    }

    @Test
    func `no strange address is taken for the operator's host`() throws {
        let rules = try TargetRules(url: TargetURL("https://example.com"))
        var random = SeededGenerator()
        var taken = 0
        for _ in 0..<20_000 {
            var bytes = Array("https://example.com/".utf8)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let piece = random.bytes(like: "@:/\\#?.e443[]% ", countMax: 2)
                let start = Int.random(in: 0...bytes.count, using: &random)
                bytes.replaceSubrange(start..<min(bytes.count, start + piece.count), with: piece)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let url = try? rules.target(text) else { continue }
            taken += 1
            // A model as simple as can be: the host ends where path, query or port begin.
            let rest = url.text.dropFirst(url.isSecure ? "https://".count : "http://".count).lowercased()
            let host = rest.prefix { $0 != "/" && $0 != "?" }
            #expect(["example.com", "example.com:443"].contains(host) && !rest.contains("\\"), "\(text) \(random)")
        }
        #expect(taken > 1_000, "\(random)")
    }
}
