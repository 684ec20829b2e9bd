import COpenSSL

/// Random bytes that nobody can predict, from OpenSSL's generator.
package enum SecureRandom {
    /// So many fresh random bytes, zero or more.
    package static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= Int(Int32.max), "A count of random bytes must fit OpenSSL's range.")
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        precondition(RAND_bytes(&bytes, Int32(count)) == 1, "OpenSSL's random generator must be seeded.")
        return bytes
    }
}
