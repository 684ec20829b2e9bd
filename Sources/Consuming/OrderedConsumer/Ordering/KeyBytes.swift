/// A record's key or an event's id as a dictionary's key: exact bytes, with their hash beside them, so that a table
/// that moves its keys about need not look at the bytes again.
struct KeyBytes: Hashable, Sendable {
    let bytes: [UInt8]
    /// Made here, for a record without a key or with a replayed id: equal to nothing that came in a record, whatever
    /// its bytes.
    let isMade: Bool
    private let digest: UInt64

    /// Unknown outside of this process, so that nobody can choose keys that fall together.
    private static let secret = UInt64.random(in: .min ... .max)

    init(_ bytes: [UInt8], isMade: Bool = false) {
        self.bytes = bytes
        self.isMade = isMade
        let secret = Self.secret
        var digest = secret ^ UInt64(truncatingIfNeeded: bytes.count)
        var word: UInt64 = 0
        var inWord = 0
        for byte in bytes {
            word = word &<< 8 | UInt64(byte)
            inWord &+= 1
            if inWord == 8 {
                digest = Self.mix(digest ^ word, secret)
                (word, inWord) = (0, 0)
            }
        }
        self.digest = inWord == 0 ? digest : Self.mix(digest ^ word, secret)
    }

    /// Each bit of the number has its part in each bit of the result: the halves of a wide product, one on the other.
    private static func mix(_ number: UInt64, _ secret: UInt64) -> UInt64 {
        let product = number.multipliedFullWidth(by: secret | 1)
        return product.high ^ product.low ^ (number &>> 29)
    }

    static func == (left: Self, right: Self) -> Bool {
        left.digest == right.digest && left.bytes == right.bytes && left.isMade == right.isMade
    }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
