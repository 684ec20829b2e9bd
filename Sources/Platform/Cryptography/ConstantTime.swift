import COpenSSL

/// Whether two byte strings are equal, in a time that depends on their lengths alone.
///
/// Strings of different length are unequal; the length itself is not kept secret.
package func constantTimeEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    return a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            guard let first = a.baseAddress, let second = b.baseAddress else { return true }
            return CRYPTO_memcmp(first, second, a.count) == 0
        }
    }
}
