/// The character classes of RFC 9110 section 5.6 and RFC 3986, as bit sets: no table in memory, no branch per class.
enum ASCII {
    static let horizontalTab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    /// The content type of the record that a TLS connection begins with (RFC 8446 section 5.1).
    static let tlsHandshake: UInt8 = 0x16
    static let space: UInt8 = 0x20
    static let numberSign: UInt8 = 0x23
    static let percent: UInt8 = 0x25
    static let comma: UInt8 = 0x2C
    static let dot: UInt8 = 0x2E
    static let slash: UInt8 = 0x2F
    static let zero: UInt8 = 0x30
    static let delete: UInt8 = 0x7F
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let equals: UInt8 = 0x3D
    static let questionMark: UInt8 = 0x3F
    static let quote: UInt8 = 0x22
    static let openBracket: UInt8 = 0x5B
    static let backslash: UInt8 = 0x5C
    static let closeBracket: UInt8 = 0x5D

    @inline(__always)
    static func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Everything a field value may hold but the tab: SP, visible characters and obs-text.
    @inline(__always)
    static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F }

    /// tchar: `!#$%&'*+-.^_|~`, the backquote, digits and letters.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        isMember(byte, low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == horizontalTab }

    /// What an origin-form target is made of, pchar and `/`, but for the question and percent signs, which mean
    /// something.
    @inline(__always)
    static func isTarget(_ byte: UInt8) -> Bool {
        isMember(byte, low: 0x2FFF_FFD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF)
    }

    /// What a Host value is made of: reg-name, IP literal, port.
    @inline(__always)
    static func isHost(_ byte: UInt8) -> Bool {
        isMember(byte, low: 0x2FFF_7FF2_0000_0000, high: 0x47FF_FFFE_AFFF_FFFE)
    }

    static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x41 + 10
        case 0x61...0x66: Int(byte) - 0x61 + 10
        default: nil
        }
    }

    @inline(__always)
    private static func isMember(_ byte: UInt8, low: UInt64, high: UInt64) -> Bool {
        guard byte < 0x80 else { return false }
        return ((byte < 0x40 ? low : high) &>> UInt64(byte & 0x3F)) & 1 == 1
    }
}

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
        for offset in 0..<8 { word |= UInt64(eight[offset]) &<< UInt64(offset &* 8) }
        return word
    }
}

extension Span<UInt8> {
    /// A copy of the bytes as text; what is no UTF-8 becomes replacement characters.
    package var text: String {
        var copy: [UInt8] = []
        copy.reserveCapacity(count)
        for index in indices { copy.append(self[index]) }
        return String(decoding: copy, as: UTF8.self)
    }

    package func isEqual(to text: String) -> Bool { isEqual(to: text.utf8.span) }

    /// Compares ASCII letters without regard to case; the given text is in lower case already.
    package func isEqualIgnoringCase(toLowerCase text: String) -> Bool {
        isEqualIgnoringCase(toLowerCase: text.utf8.span)
    }

    func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }

    func isEqualIgnoringCase(toLowerCase other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where ASCII.lowered(self[index]) != other[index] {
            return false
        }
        return true
    }
}
