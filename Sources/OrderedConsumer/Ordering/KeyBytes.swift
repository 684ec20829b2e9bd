/// A record's key or an event's id as a dictionary's key: exact bytes, hashed eight at a time.
struct KeyBytes: Hashable, Sendable {
    let bytes: [UInt8]
    /// Stands for a record without a key: equal to no key, whatever its bytes.
    let isMade: Bool

    init(_ bytes: [UInt8], isMade: Bool = false) {
        self.bytes = bytes
        self.isMade = isMade
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(bytes.count)
        var word: UInt64 = 0
        var inWord = 0
        for byte in bytes {
            word = word &<< 8 | UInt64(byte)
            inWord &+= 1
            if inWord == 8 {
                hasher.combine(word)
                (word, inWord) = (0, 0)
            }
        }
        if inWord > 0 { hasher.combine(word) }
    }
}
