import Cryptography
import Testing

@Suite
struct ConstantTimeTests {
    private func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool { constantTimeEqual(a.span, b.span) }

    @Test
    func `equal strings are equal and any changed byte is seen`() {
        let text = Array("a signature of some length".utf8)
        #expect(isEqual(text, text))
        for index in text.indices {
            var changed = text
            changed[index] ^= 1
            #expect(!isEqual(text, changed))
        }
    }

    @Test
    func `strings of different length are unequal`() {
        let text = Array("text".utf8)
        #expect(!isEqual(text, Array(text.dropLast())))
        #expect(!isEqual([], text))
        #expect(isEqual([], []))
    }
}
