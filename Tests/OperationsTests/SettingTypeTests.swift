import TestSupport
import Testing

@testable import Operations

@Suite
struct SettingTypeTests {
    static let duration = SettingType.duration(.milliseconds(100)...(.seconds(3600)))
    static let bytes = SettingType.bytes(1...1 << 40)

    static let good: [(type: SettingType, text: String, value: SettingValue)] = [
        (.integer(1...64), "64", .integer(64)),
        (.integer(-5...5), "-5", .integer(-5)),
        (.integer(1...64), " 7\n", .integer(7)),
        (duration, "8s", .duration(.seconds(8))),
        (duration, "500ms", .duration(.milliseconds(500))),
        (duration, "2m", .duration(.seconds(120))),
        (duration, "1h", .duration(.seconds(3600))),
        (bytes, "1MiB", .bytes(1_048_576)),
        (bytes, "64KiB", .bytes(65_536)),
        (bytes, "1000", .bytes(1000)),
        (bytes, "2GiB", .bytes(2_147_483_648)),
        (.choice(["a", "b"]), "b", .text("b")),
        (.boolean, "true", .boolean(true)),
        (.boolean, "false", .boolean(false)),
        (.hosts, "a:1, b.example:9092,[::1]:65535", .list(["a:1", "b.example:9092", "[::1]:65535"])),
        (.address, "0.0.0.0:0", .text("0.0.0.0:0")),
        (.address, "[::1]:8080", .text("[::1]:8080")),
        (.urlPath, "/", .text("/")),
        (.urlPath, "/notion/webhooks", .text("/notion/webhooks")),
        (.urlPath, "/notion/webhooks/", .text("/notion/webhooks/")),
        (.urlPath, "/a%2Fb/...;c=d,'e'/.well-known/~x!$&()*+=:@", .text("/a%2Fb/...;c=d,'e'/.well-known/~x!$&()*+=:@")),
        (.url, "http://127.0.0.1:8080/notion/webhooks", .text("http://127.0.0.1:8080/notion/webhooks")),
        (.url, "https://relay.example/a?b=c@d", .text("https://relay.example/a?b=c@d")),
        (.url, "http://[::1]/", .text("http://[::1]/")),
        (.topicName, "notion.events.v1", .text("notion.events.v1")),
        (.rate, "500/s", .rate(500)),
        (.rate, "500", .rate(500)),
        (.rate, "30/m", .rate(0.5)),
        (.rate, "0.5/s", .rate(0.5)),
        (.factor, "10x", .number(10)),
        (.factor, "0.5", .number(0.5)),
        (.number(0...1), "0.02", .number(0.02)),
        (.number(0...1), "1", .number(1)),
        (.number(0...1), ".5", .number(0.5)),
        (.position, "beginning", .position(.beginning)),
        (.position, "end", .position(.end)),
        (.position, "2026-10-06T09:02:47.713Z", .position(.time(milliseconds: 1_791_277_367_713))),
        (.time, "2026-10-06T09:02:47.713Z", .time(milliseconds: 1_791_277_367_713)),
        (.time, " 2026-10-06 ", .time(milliseconds: 1_791_244_800_000)),
        (.time, "1791277367713", .time(milliseconds: 1_791_277_367_713)),
        (.recordFormat, " %k ", .text(" %k ")),
        (.pattern, " a|b ", .text(" a|b ")),
        (.fingerprint, " 0123456789AB\n", .text("0123456789ab")),
        (.secret, "abc", .secrets([Secret("abc")])),
        (.secrets, "abc,def", .secrets([Secret("abc"), Secret("def")])),
        (.secrets, "abc\r\n\n def ,\n", .secrets([Secret("abc"), Secret("def")])),
    ]

    @Test(arguments: good)
    func `a good text becomes its value`(type: SettingType, text: String, value: SettingValue) throws {
        #expect(try type.parse(text) == value)
    }

    static let bad: [(type: SettingType, text: String, reason: String)] = [
        (.integer(1...64), "", "is empty"),
        (.integer(1...64), "   ", "is empty"),
        (.integer(1...64), "65", "is out of range"),
        (.integer(1...64), "0", "is out of range"),
        (.integer(1...64), "99999999999999999999999999", "is out of range"),
        (.integer(1...64), "1.0", "is not a whole number"),
        (.integer(1...64), "+1", "is not a whole number"),
        (.integer(1...64), "0x10", "is not a whole number"),
        (.integer(1...64), "１", "is not a whole number"),
        (.integer(1...64), "-", "is not a whole number"),
        (duration, "8", "has no unit"),
        (duration, "8 s", "is not a duration"),
        (duration, "s", "is not a duration"),
        (duration, "-8s", "is not a duration"),
        (duration, "1.5s", "is not a duration"),
        (duration, "8S", "is not a duration"),
        (duration, "99ms", "is out of range"),
        (duration, "3601s", "is out of range"),
        (duration, "9223372036854775807h", "is out of range"),
        (bytes, "1MB", "is not a size"),
        (bytes, "MiB", "is not a size"),
        (bytes, "1mib", "is not a size"),
        (bytes, "0", "is out of range"),
        (bytes, "9223372036854775807GiB", "is out of range"),
        (.choice(["a", "b"]), "A", "is not one of the choices"),
        (.time, "end", "is not a time"),
        (.time, "2026-13-01", "is not a time"),
        (.recordFormat, "%k\n", "holds a control character"),
        (.recordFormat, String(repeating: "a", count: 1025), "is too long"),
        (.pattern, "", "is empty"),
        (.boolean, "yes", "is not a truth value"),
        (.hosts, "localhost", "has an entry that is not HOST:PORT (number 1)"),
        (.hosts, "a:1,,b:2", "has an entry that is not HOST:PORT (number 2)"),
        (.hosts, "a:0", "has an entry that is not HOST:PORT (number 1)"),
        (.hosts, "a:65536", "has an entry that is not HOST:PORT (number 1)"),
        (.hosts, "PLAINTEXT://a:1", "has an entry that is not HOST:PORT (number 1)"),
        (.hosts, "[zz]:1", "has an entry that is not HOST:PORT (number 1)"),
        (.address, "8080", "is not an address to listen on"),
        (.address, "relay.example:8080", "is not an address to listen on"),
        (.address, "0.0.0.0:65536", "is not an address to listen on"),
        (.urlPath, "notion", "is not a path"),
        (.urlPath, "http://relay/a", "is not a path"),
        (.urlPath, "/a?b", "has a character that the path of a request cannot have"),
        (.urlPath, "/a#b", "has a character that the path of a request cannot have"),
        (.urlPath, "/ä", "has a character that the path of a request cannot have"),
        (.urlPath, "/a b", "has a character that the path of a request cannot have"),
        (.urlPath, "/a\\b", "has a character that the path of a request cannot have"),
        (.urlPath, "/[a]", "has a character that the path of a request cannot have"),
        (.urlPath, "/a%", "has a percent sign without two hexadecimal digits behind it"),
        (.urlPath, "/a%2", "has a percent sign without two hexadecimal digits behind it"),
        (.urlPath, "/a%2g", "has a percent sign without two hexadecimal digits behind it"),
        (.urlPath, "//", "has an empty segment, which proxies remove"),
        (.urlPath, "//a", "has an empty segment, which proxies remove"),
        (.urlPath, "/a//b", "has an empty segment, which proxies remove"),
        (.urlPath, "/a//", "has an empty segment, which proxies remove"),
        (.urlPath, "/a/../b", "has a segment of dots, which senders remove"),
        (.urlPath, "/.", "has a segment of dots, which senders remove"),
        (.urlPath, "/a/%2E%2e/", "has a segment of dots, which senders remove"),
        (.urlPath, "/.%2e", "has a segment of dots, which senders remove"),
        (.url, "ftp://a/", "is not a usable URL"),
        (.url, "http://", "is not a usable URL"),
        (.url, "http://user:pass@a/", "is not a usable URL"),
        (.url, "http://a b/", "is not a usable URL"),
        (.topicName, "..", "is not a topic name"),
        (.topicName, "a b", "is not a topic name"),
        (.topicName, String(repeating: "a", count: 250), "is not a topic name"),
        (.file, "a\u{0}b", "holds a control character"),
        (.file, String(repeating: "a", count: 1025), "is too long"),
        (.rate, "0", "is out of range"),
        (.rate, "1/h", "is not a rate"),
        (.rate, "1/s/s", "is not a rate"),
        (.factor, "x", "is not a factor"),
        (.factor, "0x", "is out of range"),
        (.factor, "10xx", "is not a factor"),
        (.rate, "-1/s", "is not a rate"),
        (.rate, "nan", "is not a rate"),
        (.number(0...1), "1.01", "is out of range"),
        (.number(0...1), "inf", "is not a number"),
        (.number(0...1), "1e-3", "is not a number"),
        (.number(0...1), ".", "is not a number"),
        (.position, "yesterday", "is not a point in a topic"),
        (.fingerprint, "0123456789a", "is not a fingerprint"),
        (.fingerprint, "0123456789abc", "is not a fingerprint"),
        (.fingerprint, "0123456789ag", "is not a fingerprint"),
        (.secret, "a b", "has white space in it"),
        (.secret, "a\u{A0}b", "has white space in it"),
        (.secret, "\u{FEFF}secret_a", "begins with a byte order mark"),
        (.secrets, "a,Bearer secret_b", "begins with Bearer (entry 2)"),
        (
            .secrets, "\n{\n \"verification_token\": \"b\"\n}",
            "is JSON: a token is its verification_token alone (line 3)"
        ),
        (.secret, "a,b", "holds a character that is not allowed"),
        (.secret, String(repeating: "a", count: 513), "is too long"),
        (.secrets, "abc,d\u{7F}f", "holds a character that is not allowed (entry 2)"),
        (.secrets, ",\n,", "is empty"),
        (.secrets, Array(repeating: "a", count: 17).joined(separator: ","), "has more than 16 entries"),
    ]

    @Test(arguments: bad)
    func `a bad text is refused with its reason`(type: SettingType, text: String, reason: String) {
        #expect(throws: ValueRefusal(reason: reason)) { try type.parse(text) }
    }

    @Test
    func `a value is written as it can be read`() throws {
        var generator = SeededGenerator()
        for _ in 0..<500 {
            let milliseconds = Int64.random(in: 100...3_600_000, using: &generator)
            let count = Int.random(in: 1...1 << 40, using: &generator)
            let time = Int64.random(in: 100_000_000...253_402_300_799_999, using: &generator)
            let values: [(SettingType, SettingValue)] = [
                (Self.duration, .duration(.milliseconds(milliseconds))), (Self.bytes, .bytes(count)),
                (.integer(0...Int.max), .integer(count)), (.position, .position(.time(milliseconds: time))),
            ]
            for (type, value) in values {
                #expect(try type.parse(value.description) == value, "seed \(generator.seed)")
            }
        }
    }

    @Test
    func `no text brings the parser down`() {
        var generator = SeededGenerator()
        let types = SettingsTable.all.map(\.type).filter { $0 != .options }
        for _ in 0..<5000 {
            let bytes = generator.bytes(like: "0189.-:/,smhKMGiB[]TZ+ eE\n", countMax: 40)
            let text = String(decoding: bytes, as: UTF8.self)
            guard let type = types.randomElement(using: &generator) else { continue }
            guard let value = try? type.parse(text) else { continue }
            #expect(!value.description.isEmpty, "seed \(generator.seed)")
        }
    }
}
