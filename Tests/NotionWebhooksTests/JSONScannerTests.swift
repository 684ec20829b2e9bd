import Foundation
import NotionWebhooks
import Testing

@Suite
struct JSONScannerTests {
    /// The error that a whole text gives, nil if it is fine.
    private func error(_ text: [UInt8]) -> JSONError? {
        var scanner = JSONScanner(text.span)
        do throws(JSONError) {
            _ = try scanner.skipValue()
            try scanner.finish()
            return nil
        } catch {
            return error
        }
    }

    private func name(_ bytes: [UInt8], _ range: Range<Int>) -> JSONName { JSONName(bytes.span, at: range) }

    private func error(_ text: String) -> JSONError? { error(Array(text.utf8)) }

    @Test(arguments: [
        "{}", "[]", "null", "true", "false", "0", "-0", "1", "-1", "10", "1.5", "0.0", "1e5", "1E+5", "1e-05", #""""#,
        #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u0041\u00e9\uD83D\uDE00""#, "\"é☕😀\"", " \t\r\n{ \"a\" : [ 1 , 2 ] } \n",
        #"{"a":{"b":[{},[],{"c":null}]},"d":""}"#, "[[[]]]", "[{},{}]", "[[],[]]", #"{"":0}"#, "\"\u{7F}\"",
        "\"0123456\"", "\"01234567\"", "\"012345678\"", "[\"\u{10FFFF}\u{800}\u{80}\u{FFFD}\u{10000}\"]",
        #"{"a":1,"a":2}"#,
    ])
    func `what RFC 8259 allows is accepted`(text: String) {
        #expect(error(text) == nil)
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "]", "[1,]", "[,1]", "[1 2]", "[1", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
        #"{"a":1 "b":2}"#, #"{"a":{} "b":2}"#, "[[] []]", #"{a:1}"#, "{1:1}", "[1}", #"{"a":1]"#, "'a'", "nul", "nulll",
        "True", "NaN", "Infinity", "+1", "01", "-", "-a", "1.", ".5", "1e", "1e+", "0x10", "1_000", #"""#, #""a"#,
        #""\"#, #""\x""#, #""\u""#, #""\u12""#, #""\u12G4""#, #""\u 123""#, "\"\n\"", "\"\t\"", "\"\0\"", "\"\u{1F}\"",
        "\"0123456\n\"", "{}{}", "{} x", "[]]", "\u{FEFF}{}", "// a\n{}", "\u{A0}{}", "1 2", "\u{B}{}", "\0", "{}\0",
    ])
    func `what RFC 8259 does not allow is refused`(text: String) {
        #expect(error(text) == .notJSON)
    }

    @Test(arguments: [
        (#""\ud83d""#, "\u{FFFD}"), (#""\ude00""#, "\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
        (#""\ud83d ""#, "\u{FFFD} "), (#""\ud83d\n""#, "\u{FFFD}\n"), (#""\udbff\udbff""#, "\u{FFFD}\u{FFFD}"),
        (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
        (#""a\\\ud83d\\ude00""#, "a\\\u{FFFD}\\ude00"), (#""\ud83d\"""#, "\u{FFFD}\""),
    ])
    func `half a surrogate pair is U+FFFD, and known`(text: String, meaning: String) throws {
        #expect(error(text) == nil)
        let bytes = Array(text.utf8)
        var scanner = JSONScanner(bytes.span)
        let string = try scanner.string()
        let read = bytes.span.text(string)
        #expect(read == meaning)
        let isHalf = bytes.span.hasLoneSurrogate(string)
        #expect(isHalf)
    }

    @Test(arguments: [
        #""""#, #""a""#, #""\\ud83d""#, #""\ud83d\ude00""#, #""\uFFFD""#, "\"\u{FFFD}\\n\"", #""\u0000""#,
    ])
    func `a whole text holds no half of a pair`(text: String) throws {
        let bytes = Array(text.utf8)
        var scanner = JSONScanner(bytes.span)
        let string = try scanner.string()
        let isHalf = bytes.span.hasLoneSurrogate(string)
        #expect(!isHalf)
    }

    /// Overlong forms, surrogates, beyond U+10FFFF, lone and missing continuations, cut off at the end.
    @Test(arguments: [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
        [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xAC], [0xF0, 0x80, 0x80, 0x80],
        [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0xFF],
        [0xFE], [0xF0, 0x9F, 0x98, 0x28], [0xF0, 0x9F, 0x28, 0x80],
    ])
    func `bytes that are not UTF-8 are refused in strings`(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(error([quote] + bytes + [quote]) == .invalidUTF8)
        #expect(error([quote] + Array("before ".utf8) + bytes + Array(" behind".utf8) + [quote]) == .invalidUTF8)
        #expect(error([quote] + bytes) == .invalidUTF8)
    }

    /// The standard library is the model: both agree on every sequence of up to three bytes behind a lead byte.
    @Test
    func `UTF-8 is what Swift says it is`() {
        for first in UInt8(0x80)...0xFF {
            for second in stride(from: UInt8(0x70), through: 0xD0, by: 1) {
                for rest: [UInt8] in [[], [0x80], [0xBF], [0x7F], [0x80, 0x80], [0xBF, 0xC0], [0x80, 0xBF]] {
                    let text = [first, second] + rest
                    let isValid = String(validating: text, as: UTF8.self) != nil
                    #expect((error([0x22] + text + [0x22]) == nil) == isValid, "\(text)")
                }
            }
        }
    }

    @Test
    func `nesting has a limit and takes no stack`() {
        let limit = JSONScanner.nestingMax
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(error(nested(limit)) == nil)
        #expect(error(nested(limit + 1)) == .tooDeep)
        #expect(error(String(repeating: "[", count: 10_000)) == .tooDeep)
        #expect(error(String(repeating: #"{"a":"#, count: 1_000_000)) == .tooDeep)
        let mixed = String(repeating: #"[{"a":"#, count: limit / 2) + "1" + String(repeating: "}]", count: limit / 2)
        #expect(error(mixed) == nil)
        #expect(error(mixed.replacing("1}]", with: "1]}")) == .notJSON)
    }

    @Test
    func `long strings and numbers pass`() {
        #expect(error("\"" + String(repeating: "x", count: 1_000_000) + "\"") == nil)
        #expect(error(String(repeating: "9", count: 10_000)) == nil)
        #expect(
            error("-0." + String(repeating: "9", count: 10_000) + "e" + String(repeating: "9", count: 10_000)) == nil
        )
    }

    @Test(arguments: [
        #""plain""#, #""\"\\\/\b\f\n\r\t""#, #""\u0041\u00e9\u2615\uD83D\uDE00 end""#, "\"é☕\"", #""""#, #""\u0000""#,
    ])
    func `unescaping gives what Foundation reads`(text: String) throws {
        let bytes = Array(text.utf8)
        var scanner = JSONScanner(bytes.span)
        let string = try scanner.string()
        let model = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) as? String
        let read = bytes.span.text(string)
        #expect(read == model)
    }

    @Test
    func `names of every length up to 24 bytes are told apart`() {
        let alphabet = Array("abcdefghijklmnopqrstuvwx".utf8)
        for count in 0...24 {
            let name = Array(alphabet.prefix(count))
            let known = JSONName(String(decoding: name, as: UTF8.self))
            // Once with text behind it, once at the very end.
            #expect(self.name(name + alphabet, 0..<count) == known)
            #expect(self.name(alphabet + name, 24..<(24 + count)) == known)
            for index in 0..<count {
                var other = name
                other[index] ^= 0x20
                #expect(self.name(other, 0..<count) != known)
            }
        }
    }
}
