import Cryptography
import Testing

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
