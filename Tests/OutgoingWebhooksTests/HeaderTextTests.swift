import TestSupport
import Testing

@testable import OutgoingWebhooks

@Suite
struct HeaderTextTests {
    @Test(arguments: [
        ("plain-._~!*'();:@&=+$,/?#[]", "plain-._~!*'();:@&=+$,/?#[]"),
        // The example of the HTTP binding.
        ("Euro \u{20AC} \u{1F600}", "Euro%20%E2%82%AC%20%F0%9F%98%80"),
        ("a \"b\" 100%", "a%20%22b%22%20100%25"), ("\\`{|}^", "\\`{|}^"),
        ("a\r\nx-evil: 1", "a%0D%0Ax-evil:%201"), ("\u{0}\u{1F}\u{7F}\u{80}", "%00%1F%7F%C2%80"), ("%41", "%2541"),
    ])
    func `what the binding names is encoded, and nothing else`(value: String, text: String) {
        #expect(HeaderText.encoded(Array(value.utf8), bytesMax: 100) == text)
    }

    @Test
    func `characters with a meaning of their own can be encoded too`() {
        #expect(HeaderText.encoded(Array("a.b,c".utf8), alsoEncoding: ".,", bytesMax: 100) == "a%2Eb%2Cc")
    }

    @Test(arguments: [[], [0xFF], [0x41, 0xC0, 0xA0], [0xED, 0xA0, 0x80], [0xE2, 0x82]])
    func `what is empty or no UTF-8 has no text`(value: [UInt8]) {
        #expect(HeaderText.encoded(value, bytesMax: 100) == nil)
    }

    @Test
    func `the limit counts encoded bytes`() {
        let value = Array("abc ".utf8)
        #expect(HeaderText.encoded(value, bytesMax: 6) == "abc%20")
        #expect(HeaderText.encoded(value, bytesMax: 5) == nil)
        #expect(HeaderText.encoded(Array(repeating: 0x61, count: 1_000_000), bytesMax: 5) == nil)
    }

    @Test
    func `any bytes come back from their text, and the text is always fit for a header`() {
        var random = SeededGenerator()
        for _ in 0..<5_000 {
            let value = random.bytes(like: "az09 %\"\r\n\u{E9}\u{20AC}.:", countMax: 20)
            let text = HeaderText.encoded(value, bytesMax: 200)
            #expect((text == nil) == (value.isEmpty || String(validating: value, as: UTF8.self) == nil), "\(random)")
            guard let text else { continue }
            #expect(text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 }, "\(random)")
            #expect(Self.decoded(text) == value, "\(random)")
        }
    }

    /// A reader as simple as can be.
    private static func decoded(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: "%", omittingEmptySubsequences: false)
        var bytes = Array((parts.first ?? "").utf8)
        for part in parts.dropFirst() {
            guard let byte = UInt8(part.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            bytes += part.dropFirst(2).utf8
        }
        return bytes
    }
}
