/// How far bytes of one kind reach, eight at a time. Each class here is a part of one in `ASCII`, and what is outside
/// of it is looked at one by one, so that only the speed depends on this.
enum ByteRun {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The first index from `start` on that holds neither a plain byte nor a tab; `end` when there is none.
    @inline(__always)
    static func endOfValue(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        var index = start
        while true {
            while end - index >= 8 {
                let word = word(bytes, at: index)
                // A borrow reaches only bytes above the first hit, so the lowest set bit is always a true one.
                let controls = (word &- ones &* 0x20) & ~word
                let deletes = ((word ^ (ones &* 0x7F)) &- ones) & ~(word ^ (ones &* 0x7F))
                let others = (controls | deletes) & highs
                guard others == 0 else {
                    index += others.trailingZeroBitCount &>> 3
                    break
                }
                index += 8
            }
            while index < end, ASCII.isPlain(bytes[index]), end - index < 8 {
                index += 1
            }
            guard index < end, bytes[index] == ASCII.horizontalTab else { return index }
            index += 1
        }
    }

    /// The first index from `start` on that holds no token character; `end` when there is none.
    @inline(__always)
    static func endOfToken(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        var index = start
        while end - index >= 8 {
            let others = ~lettersAndDashes(word(bytes, at: index)) & highs
            guard others == 0 else {
                index += others.trailingZeroBitCount &>> 3
                guard ASCII.isToken(bytes[index]) else { return index }
                index += 1
                continue
            }
            index += 8
        }
        while index < end, ASCII.isToken(bytes[index]) {
            index += 1
        }
        return index
    }

    /// The high bit of each byte that is a letter or a dash.
    @inline(__always)
    private static func lettersAndDashes(_ word: UInt64) -> UInt64 {
        let low = word & ~highs
        let lowered = low | (ones &* 0x20)
        let letters = (lowered &+ (ones &* (0x80 - 0x61))) & ~(lowered &+ (ones &* (0x7F - 0x7A)))
        let dashes = ~((low ^ (ones &* 0x2D)) &+ (ones &* 0x7F))
        return (letters | dashes) & ~word
    }

    /// Eight bytes, the first one lowest.
    @inline(__always)
    static func word(_ bytes: Span<UInt8>, at index: Int) -> UInt64 {
        let eight = bytes.extracting(index..<(index &+ 8))
        // Known here, it is not asked again for each byte, and the compiler makes one load of the eight.
        precondition(eight.count == 8, "A word lies within the bytes.")
        var word: UInt64 = 0
        for offset in 0..<8 {
            word |= UInt64(eight[offset]) &<< UInt64(offset &* 8)
        }
        return word
    }
}
