import Cryptography
import Testing

@Suite
struct KeyedHMACTests {
    /// RFC 4231, test cases 1, 2, 3, 6 and 7.
    static let vectors: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ]

    @Test(arguments: vectors)
    func `the code is RFC 4231's`(vector: (key: [UInt8], message: [UInt8], code: String)) {
        let code = KeyedHMAC(key: vector.key).authenticate(vector.message.span)
        #expect(hexadecimal(code) == vector.code)
    }

    @Test
    func `a key serves any number of messages`() {
        let hmac = KeyedHMAC(key: Array("Jefe".utf8))
        let message = Array("what do ya want for nothing?".utf8)
        let first = hexadecimal(hmac.authenticate(message.span))
        let other = hexadecimal(hmac.authenticate(Array("other".utf8).span))
        let again = hexadecimal(hmac.authenticate(message.span))
        #expect(again == first)
        #expect(other != first)
    }

    @Test(arguments: vectors)
    func `a message in two parts has the code of the whole`(vector: (key: [UInt8], message: [UInt8], code: String)) {
        let hmac = KeyedHMAC(key: vector.key)
        for cut in 0...vector.message.count {
            let (head, body) = (Array(vector.message[..<cut]), Array(vector.message[cut...]))
            let code = hmac.authenticate(head.span, followedBy: body.span)
            #expect(hexadecimal(code) == vector.code, "cut at \(cut)")
        }
    }

    @Test
    func `an empty key and an empty message have a code`() {
        let code = KeyedHMAC(key: []).authenticate([UInt8]().span)
        #expect(hexadecimal(code) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }
}

@Suite
struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func `the digest is FIPS 180's`(message: String, digest: String) {
        let bytes = Array(message.utf8)
        let computed = SHA256.digest(bytes.span)
        #expect(hexadecimal(computed) == digest)
    }
}

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

private func hexadecimal(_ bytes: InlineArray<32, UInt8>) -> String {
    bytes.indices.map { String(bytes[$0] >> 4, radix: 16) + String(bytes[$0] & 15, radix: 16) }.joined()
}
