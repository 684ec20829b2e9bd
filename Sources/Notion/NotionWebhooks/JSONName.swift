/// A member's name, in a form that takes only a few word comparisons to compare.
///
/// Names of up to 24 bytes are held exactly. A longer one compares unequal to every name that is looked for, since the
/// count is compared as well.
package struct JSONName: Equatable, Sendable {
    package let count: Int
    package let first: UInt64
    package let middle: UInt64
    package let last: UInt64

    /// A name that is looked for.
    ///
    /// - Parameter text: up to 24 bytes.
    package init(_ text: String) {
        let bytes = Array(text.utf8)
        precondition(bytes.count <= 24, "A name that is looked for must fit three words.")
        self.init(bytes.span, at: 0..<bytes.count)
    }

    /// The name at a place in a text, unescaped.
    @inline(__always)
    package init(_ bytes: Span<UInt8>, at range: Range<Int>) {
        let start = range.lowerBound
        count = range.upperBound &- start
        if count >= 8 {
            first = bytes.word(at: start)
            middle = count >= 16 ? bytes.word(at: start &+ 8) : 0
            last = bytes.word(at: range.upperBound &- 8)
        } else {
            first = bytes.shortWord(at: start, count: count)
            middle = 0
            last = 0
        }
    }
}

extension Span<UInt8> {
    /// The name in a string, unescaped.
    @inline(__always)
    package func name(_ string: JSONString) -> JSONName {
        guard string.hasEscapes else { return JSONName(self, at: string.range) }
        let bytes = unescaped(string)
        return JSONName(bytes.span, at: 0..<bytes.count)
    }

    /// Eight bytes as one little-endian word; one bounds check and one load.
    @inline(__always)
    package func word(at offset: Int) -> UInt64 {
        let bytes = extracting(offset..<(offset &+ 8))
        let low =
            UInt64(bytes[0]) | UInt64(bytes[1]) << 8 | UInt64(bytes[2]) << 16 | UInt64(bytes[3]) << 24
        let high =
            UInt64(bytes[4]) << 32 | UInt64(bytes[5]) << 40 | UInt64(bytes[6]) << 48 | UInt64(bytes[7]) << 56
        return low | high
    }

    /// Fewer than eight bytes as one little-endian word.
    @inline(__always)
    package func shortWord(at offset: Int, count: Int) -> UInt64 {
        if offset &+ 8 <= self.count { return word(at: offset) & ((1 &<< UInt64(count &* 8)) &- 1) }
        var word: UInt64 = 0
        for index in 0..<count {
            word |= UInt64(self[offset &+ index]) &<< UInt64(index &* 8)
        }
        return word
    }
}
