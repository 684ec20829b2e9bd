import Cryptography
import Testing

@Suite
struct ChaChaPolyTests {
    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.filter { !$0.isWhitespace }.utf8.map { UInt8(($0 & 15) + ($0 > 64 ? 9 : 0)) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    // RFC 8439, section 2.8.2.
    private static let key = bytes("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")
    private static let nonce = bytes("070000004041424344454647")
    private static let context = bytes("50515253c0c1c2c3c4c5c6c7")
    private static let text = Array(
        ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
            + "sunscreen would be it.").utf8
    )
    private static let sealed = bytes(
        """
        d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6
        3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36
        92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
        3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691
        """
    )

    @Test
    func `the standard's example is sealed and opened as the standard has it`() {
        let box = ChaChaPoly(key: Self.key)
        #expect(box.seal(Self.text, nonce: Self.nonce, context: Self.context) == Self.sealed)
        #expect(box.open(Self.sealed, nonce: Self.nonce, context: Self.context) == Self.text)
    }

    @Test
    func `a changed bit anywhere keeps it from opening`() {
        let box = ChaChaPoly(key: Self.key)
        for index in Self.sealed.indices {
            var changed = Self.sealed
            changed[index] ^= 1 << UInt8(index % 8)
            #expect(box.open(changed, nonce: Self.nonce, context: Self.context) == nil)
        }
        var context = Self.context
        context[3] ^= 1
        #expect(box.open(Self.sealed, nonce: Self.nonce, context: context) == nil)
        var nonce = Self.nonce
        nonce[0] ^= 1
        #expect(box.open(Self.sealed, nonce: nonce, context: Self.context) == nil)
        var key = Self.key
        key[31] ^= 128
        #expect(ChaChaPoly(key: key).open(Self.sealed, nonce: Self.nonce, context: Self.context) == nil)
    }

    @Test(arguments: [0, 1, 15, 16])
    func `less than a tag does not open`(count: Int) {
        let box = ChaChaPoly(key: Self.key)
        #expect(box.open(Array(Self.sealed.prefix(count)), nonce: Self.nonce, context: Self.context) == nil)
        #expect(box.open(Self.sealed, nonce: Array(Self.nonce.dropLast()), context: Self.context) == nil)
    }

    @Test
    func `no text and no context are a message too`() {
        let box = ChaChaPoly(key: Self.key)
        let sealed = box.seal([], nonce: Self.nonce, context: [])
        #expect(sealed.count == ChaChaPoly.tagCount)
        #expect(box.open(sealed, nonce: Self.nonce, context: []) == [])
        #expect(box.open(sealed, nonce: Self.nonce, context: [0]) == nil)
    }
}

@Suite
struct SecureRandomTests {
    @Test(arguments: [0, 1, 24, 1_000])
    func `as many bytes come as were asked for`(count: Int) {
        #expect(SecureRandom.bytes(count).count == count)
    }

    @Test
    func `two draws differ`() {
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
    }
}
