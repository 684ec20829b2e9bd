import COpenSSL

/// ChaCha20-Poly1305 (RFC 8439). A nonce is used once for a key; random ones serve for some billion messages.
package struct ChaChaPoly: Sendable {
    package static let keyCount = 32
    package static let nonceCount = 12
    package static let tagCount = 16

    private let key: [UInt8]

    /// - Parameter key: 32 bytes.
    package init(key: [UInt8]) {
        precondition(key.count == Self.keyCount, "A key of ChaCha20-Poly1305 has 32 bytes.")
        self.key = key
    }

    /// `nonce`: 12 bytes that this key has not been used with. `context` is not hidden, and has to be the same when it
    /// is opened. The tag of 16 bytes is behind the ciphertext.
    package func seal(_ text: [UInt8], nonce: [UInt8], context: [UInt8]) -> [UInt8] {
        let cipher = Cipher(key, nonce, isSealing: true)
        cipher.add(context)
        return cipher.process(text) + cipher.finishSealing()
    }

    /// The text, or nil when key, nonce, context or any byte of it are not those that it was sealed with.
    package func open(_ sealed: [UInt8], nonce: [UInt8], context: [UInt8]) -> [UInt8]? {
        guard sealed.count >= Self.tagCount, nonce.count == Self.nonceCount else { return nil }
        let cipher = Cipher(key, nonce, isSealing: false)
        cipher.add(context)
        let text = cipher.process(Array(sealed.dropLast(Self.tagCount)))
        return cipher.finishOpening(tag: Array(sealed.suffix(Self.tagCount))) ? text : nil
    }
}

private final class Cipher {
    private let context: OpaquePointer

    init(_ key: [UInt8], _ nonce: [UInt8], isSealing: Bool) {
        precondition(nonce.count == ChaChaPoly.nonceCount, "A nonce of ChaCha20-Poly1305 has 12 bytes.")
        guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("OpenSSL must make a context.") }
        self.context = context
        let isReady = EVP_CipherInit_ex(context, EVP_chacha20_poly1305(), nil, key, nonce, isSealing ? 1 : 0)
        precondition(isReady == 1, "OpenSSL's default provider must offer ChaCha20-Poly1305.")
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    func add(_ associated: [UInt8]) {
        guard !associated.isEmpty else { return }
        var length: Int32 = 0
        let isDone = EVP_CipherUpdate(context, nil, &length, associated, Int32(associated.count))
        precondition(isDone == 1, "OpenSSL must take what is not hidden once it has the key.")
    }

    func process(_ input: [UInt8]) -> [UInt8] {
        guard !input.isEmpty else { return [] }
        var output = [UInt8](repeating: 0, count: input.count)
        var length: Int32 = 0
        let isDone = EVP_CipherUpdate(context, &output, &length, input, Int32(input.count))
        precondition(isDone == 1 && length == Int32(input.count), "A stream cipher must give as much as it takes.")
        return output
    }

    func finishSealing() -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: ChaChaPoly.tagCount)
        var length: Int32 = 0
        var none: [UInt8] = [0]
        precondition(EVP_CipherFinal_ex(context, &none, &length) == 1, "OpenSSL must end what it began to seal.")
        let isDone = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag)
        precondition(isDone == 1, "OpenSSL must give the tag of what it sealed.")
        return tag
    }

    func finishOpening(tag: [UInt8]) -> Bool {
        var tag = tag
        var length: Int32 = 0
        var none: [UInt8] = [0]
        let isSet = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag)
        return isSet == 1 && EVP_CipherFinal_ex(context, &none, &length) == 1
    }
}

package enum SecureRandom {
    package static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= Int(Int32.max), "A count of random bytes must fit OpenSSL's range.")
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        precondition(RAND_bytes(&bytes, Int32(count)) == 1, "OpenSSL's random generator must be seeded.")
        return bytes
    }
}
