import Foundation
import TestSupport
import Testing

@testable import OutgoingWebhooks

@Suite
struct Base64Tests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `text and bytes are RFC 4648's`(plain: String, encoded: String) {
        let bytes = Array(plain.utf8)
        #expect(Base64.text(bytes.span) == encoded)
        #expect(Base64.bytes(encoded[...].utf8) == bytes)
    }

    @Test
    func `any bytes are written as Foundation writes them, and read back`() {
        var random = SeededGenerator()
        for _ in 0..<1_000 {
            let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let text = Base64.text(bytes.span)
            #expect(text == Data(bytes).base64EncodedString(), "\(random)")
            #expect(Base64.bytes(text[...].utf8) == bytes, "\(random)")
            #expect(Base64.bytes(text.filter { $0 != "=" }[...].utf8) == bytes, "\(random)")
        }
    }

    /// Foundation reads some texts with padding in strange places; only those without are compared.
    @Test
    func `any digits are read as Foundation reads them`() {
        var random = SeededGenerator()
        for _ in 0..<5_000 {
            let text = String(decoding: random.bytes(like: "AQgwZm9v+/", countMax: 12), as: UTF8.self)
            guard !text.contains("=") else { continue }
            let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
            let expected = text.utf8.count % 4 == 1 ? nil : Data(base64Encoded: padded).map(Array.init)
            #expect(Base64.bytes(text[...].utf8) == expected, "\(text) \(random)")
        }
    }

    @Test(arguments: ["=", "==", "A===", "AA=", "AAA==", "AAAA=", "AAAA====", "AA=A", "AA==AA", "=AAA", "AA= =", "A"])
    func `padding that belongs elsewhere is refused`(text: String) {
        #expect(Base64.bytes(text[...].utf8) == nil)
    }
}
