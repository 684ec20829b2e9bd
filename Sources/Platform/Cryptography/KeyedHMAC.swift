import COpenSSL

/// Hashing the padded key costs as much as hashing a small message, so a verifier keeps one of these for each key and
/// rewinds it for each message. It belongs to one thread: the context inside changes with every call.
package final class KeyedHMAC {
    private let context: OpaquePointer

    package init(key: [UInt8]) {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil), let context = EVP_MAC_CTX_new(algorithm) else {
            preconditionFailure("OpenSSL's default provider must offer HMAC.")
        }
        EVP_MAC_free(algorithm)
        self.context = context
        // A parameter keeps pointers to its name and its value: both texts must live until the key is set.
        let isReady = OSSL_MAC_PARAM_DIGEST.withCString { name in
            "SHA256".withCString { value in
                let digest = UnsafeMutablePointer(mutating: value)
                let parameters = [OSSL_PARAM_construct_utf8_string(name, digest, 0), OSSL_PARAM_construct_end()]
                // An empty array may have no address, and OpenSSL takes a missing key for "keep the one you have".
                return key.isEmpty
                    ? EVP_MAC_init(context, [0], 0, parameters) : EVP_MAC_init(context, key, key.count, parameters)
            }
        }
        precondition(isReady == 1, "OpenSSL must accept a key for HMAC-SHA256.")
    }

    deinit { EVP_MAC_CTX_free(context) }

    package func authenticate(_ message: Span<UInt8>) -> InlineArray<32, UInt8> {
        rewind()
        add(message)
        return finish()
    }

    /// As if they were one: a head that is put together for the occasion need not be copied to a long body.
    package func authenticate(_ head: Span<UInt8>, followedBy body: Span<UInt8>) -> InlineArray<32, UInt8> {
        rewind()
        add(head)
        add(body)
        return finish()
    }

    private func rewind() {
        precondition(EVP_MAC_init(context, nil, 0, nil) == 1, "OpenSSL must begin anew once it has the key.")
    }

    private func add(_ part: Span<UInt8>) {
        let isDone = part.withUnsafeBufferPointer { EVP_MAC_update(context, $0.baseAddress, $0.count) }
        precondition(isDone == 1, "OpenSSL must take a message's bytes once it has the key.")
    }

    private func finish() -> InlineArray<32, UInt8> {
        var code = InlineArray<32, UInt8>(repeating: 0)
        var length = 0
        var output = code.mutableSpan
        let isDone = output.withUnsafeMutableBufferPointer { EVP_MAC_final(context, $0.baseAddress, &length, $0.count) }
        precondition(isDone == 1 && length == 32, "OpenSSL must compute HMAC-SHA256 once it has the key.")
        return code
    }
}

@available(*, unavailable)
extension KeyedHMAC: Sendable {}

package enum SHA256 {
    package static func digest(_ message: Span<UInt8>) -> InlineArray<32, UInt8> {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var output = digest.mutableSpan
        let isDone = output.withUnsafeMutableBufferPointer { output in
            message.withUnsafeBufferPointer { message in
                EVP_Digest(message.baseAddress, message.count, output.baseAddress, nil, EVP_sha256(), nil)
            }
        }
        precondition(isDone == 1, "OpenSSL must compute SHA-256.")
        return digest
    }
}

/// In a time that depends on their lengths alone; the length itself is not kept secret.
package func constantTimeEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    return a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            guard let first = a.baseAddress, let second = b.baseAddress else { return true }
            return CRYPTO_memcmp(first, second, a.count) == 0
        }
    }
}
