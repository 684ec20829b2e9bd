/// The 32-bit murmur2 that Java's clients (and librdkafka's `murmur2` partitioners) use, seed 0x9747b28c.
public func murmur2(_ key: Span<UInt8>) -> UInt32 {
    let multiplier: UInt32 = 0x5bd1_e995
    var hash = 0x9747_b28c ^ UInt32(truncatingIfNeeded: key.count)
    var index = 0
    while index + 4 <= key.count {
        var word = UInt32(key[index]) | UInt32(key[index + 1]) << 8
        word |= UInt32(key[index + 2]) << 16 | UInt32(key[index + 3]) << 24
        word &*= multiplier
        word ^= word >> 24
        word &*= multiplier
        hash = hash &* multiplier ^ word
        index += 4
    }
    let tail = key.count - index
    if tail == 3 { hash ^= UInt32(key[index + 2]) << 16 }
    if tail >= 2 { hash ^= UInt32(key[index + 1]) << 8 }
    if tail >= 1 {
        hash ^= UInt32(key[index])
        hash &*= multiplier
    }
    hash ^= hash >> 13
    hash &*= multiplier
    return hash ^ hash >> 15
}

/// The partition in which Java's default partitioner and this library's ``Producer`` put a key.
///
/// `count` must be above 0.
public func partition(forKey key: Span<UInt8>, count: Int) -> Int32 {
    precondition(count > 0, "A topic has at least one partition.")
    return Int32(Int(murmur2(key) & 0x7fff_ffff) % count)
}
