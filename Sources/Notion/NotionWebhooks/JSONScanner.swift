/// Reads JSON text once, front to back: validates everything, builds nothing, and returns places in the text.
///
/// A caller iterates over the containers that it knows (``enter()``, ``nextMember(_:)``, …) and skips values that it
/// does not know. No step recurses or allocates, and all text before the position has been validated, whoever wrote it.
package struct JSONScanner: ~Escapable {
    // Limit: deep enough for anything that Notion nests, and no deeper than common decoders read: PHP's and
    // Foundation's go to 512, Python's and Jackson's to 1,000.
    package static let nestingMax = 512

    package let bytes: Span<UInt8>
    package private(set) var position: Int
    private var depth = 0
    private let nestingMax: Int

    // Limit: a bit for each open container.
    private static let nestingBits = 576

    /// A scanner at some place of a text.
    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, at position: Int = 0, nestingMax: Int = Self.nestingMax) {
        precondition(nestingMax <= Self.nestingBits, "There are too few bits for that many open containers.")
        self.nestingMax = nestingMax
        // Places are kept in 32 bits each.
        precondition(bytes.count <= Int(UInt32.max), "JSON text must be shorter than 4 GiB.")
        self.bytes = bytes
        self.position = position
    }

    /// The next byte that is not white space, 0 at the end; the position stays before it.
    @inline(__always)
    package mutating func peek() -> UInt8 {
        while position < bytes.count {
            let byte = bytes[position]
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position &+= 1
        }
        return 0
    }

    /// Skips a byte order mark, which RFC 8259 lets readers ignore. Returns whether there was one.
    package mutating func skipByteOrderMark() -> Bool {
        guard position == 0, bytes.count > 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF else { return false }
        position = 3
        return true
    }

    /// Skips white space; the text must end behind it.
    package mutating func finish() throws(JSONError) {
        _ = peek()
        guard position == bytes.count else { throw .notJSON }
    }

    /// Enters the object or array that starts at the next byte.
    @inline(__always)
    package mutating func enter() throws(JSONError) {
        guard depth < nestingMax else { throw .tooDeep }
        depth &+= 1
        position &+= 1
    }

    /// The name of the next member of the object that was entered, nil after the last one. `isFirst` is true before the
    /// first call; the scanner turns it to false.
    @inline(__always)
    package mutating func nextMember(_ isFirst: inout Bool) throws(JSONError) -> JSONString? {
        guard try nextItem(&isFirst, closing: UInt8(ascii: "}")) else { return nil }
        guard peek() == UInt8(ascii: "\"") else { throw .notJSON }
        let name = try string()
        guard peek() == UInt8(ascii: ":") else { throw .notJSON }
        position &+= 1
        return name
    }

    /// Whether the array that was entered has another element; the scanner then stands before it. `isFirst` is true
    /// before the first call; the scanner turns it to false.
    @inline(__always)
    package mutating func nextElement(_ isFirst: inout Bool) throws(JSONError) -> Bool {
        try nextItem(&isFirst, closing: UInt8(ascii: "]"))
    }

    @inline(__always)
    private mutating func nextItem(_ isFirst: inout Bool, closing: UInt8) throws(JSONError) -> Bool {
        let byte = peek()
        if byte == closing {
            position &+= 1
            depth &-= 1
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        guard byte == UInt8(ascii: ",") else { throw .notJSON }
        position &+= 1
        // An item must follow a comma; a closing bracket there is refused when the item is read.
        return true
    }

    /// The string at whose opening quote the scanner stands.
    package mutating func string() throws(JSONError) -> JSONString {
        position &+= 1
        let start = position
        var hasEscapes = false
        var hasMultibyte = false
        while true {
            try skipPlainText()
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let string = JSONString(
                    start: start,
                    end: position,
                    hasEscapes: hasEscapes,
                    hasMultibyte: hasMultibyte
                )
                position &+= 1
                return string
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try skipEscape()
            } else {
                hasMultibyte = true
                try skipMultibyte()
            }
        }
    }

    /// Skips the next value, whatever it is.
    package mutating func skipValue() throws(JSONError) -> JSONSlice {
        let byte = peek()
        let start = position
        if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
            try skipContainer()
        } else {
            try skipScalar(byte)
        }
        return JSONSlice(start: start, end: position)
    }

    /// Stops at the next quote, backslash or byte outside ASCII.
    ///
    /// Eight bytes at a time: each test sets the top bit of the bytes that it looks for. A borrow can only set bits
    /// above a true hit, so the lowest set bit is always right.
    @inline(__always)
    private mutating func skipPlainText() throws(JSONError) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var position = self.position
        while position &+ 8 <= bytes.count {
            let word = bytes.word(at: position)
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            let hits =
                ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
                | ((word &- (ones &* 0x20)) & ~word) | word
            let stops = hits & tops
            if stops != 0 {
                position &+= stops.trailingZeroBitCount &>> 3
                self.position = position
                guard bytes[position] >= 0x20 else { throw .notJSON }
                return
            }
            position &+= 8
        }
        while position < bytes.count {
            let byte = bytes[position]
            guard byte >= 0x20 else { throw .notJSON }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte >= 0x80 {
                self.position = position
                return
            }
            position &+= 1
        }
        throw .notJSON
    }

    /// Skips an object or array without recursion: one bit for each open container says which kind it is.
    private mutating func skipContainer() throws(JSONError) {
        let outside = depth
        var kinds = InlineArray<9, UInt64>(repeating: 0)
        var isFirst = true
        try open(&kinds)
        while depth > outside {
            let isObject = kinds[(depth &- 1) &>> 6] & (1 &<< UInt64((depth &- 1) & 63)) != 0
            let hasItem = isObject ? try nextMember(&isFirst) != nil : try nextElement(&isFirst)
            guard hasItem else {
                // Whatever was closed, even an empty container, was an item of the one around it.
                isFirst = false
                continue
            }
            let byte = peek()
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                try open(&kinds)
                isFirst = true
            } else {
                try skipScalar(byte)
            }
        }
    }

    private mutating func open(_ kinds: inout InlineArray<9, UInt64>) throws(JSONError) {
        let isObject = bytes[position] == UInt8(ascii: "{")
        try enter()
        let bit: UInt64 = 1 &<< UInt64((depth &- 1) & 63)
        if isObject {
            kinds[(depth &- 1) &>> 6] |= bit
        } else {
            kinds[(depth &- 1) &>> 6] &= ~bit
        }
    }

    private mutating func skipScalar(_ byte: UInt8) throws(JSONError) {
        switch byte {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try skipLiteral(0x6575_7274, count: 4)
        case UInt8(ascii: "n"): try skipLiteral(0x6C6C_756E, count: 4)
        case UInt8(ascii: "f"): try skipLiteral(0x65_736C_6166, count: 5)
        default: try skipNumber()
        }
    }

    /// The letters are the literal as a little-endian word.
    private mutating func skipLiteral(_ letters: UInt64, count: Int) throws(JSONError) {
        guard count <= bytes.count &- position else { throw .notJSON }
        for index in 0..<count {
            let letter = UInt8(truncatingIfNeeded: letters &>> UInt64(index &* 8))
            guard bytes[position &+ index] == letter else { throw .notJSON }
        }
        position &+= count
    }

    private mutating func skipNumber() throws(JSONError) {
        _ = skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try skipDigits() }
        if skip(UInt8(ascii: ".")) { try skipDigits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try skipDigits()
        }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position &+= 1
        return true
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position &+= 1 }
        guard position > start else { throw .notJSON }
    }

    private mutating func skipEscape() throws(JSONError) {
        guard position &+ 1 < bytes.count else { throw .notJSON }
        let letter = bytes[position &+ 1]
        guard letter == UInt8(ascii: "u") else {
            switch letter {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                position &+= 2
            default: throw .notJSON
            }
            return
        }
        guard position &+ 6 <= bytes.count else { throw .notJSON }
        for index in 2..<6 {
            guard bytes[position &+ index].hexDigitValue != nil else { throw .notJSON }
        }
        position &+= 6
    }

    /// Skips one character of two to four bytes, by the table of well-formed sequences (Unicode, table 3-7).
    private mutating func skipMultibyte() throws(JSONError) {
        let first = bytes[position]
        var lowest: UInt8 = 0x80
        var highest: UInt8 = 0xBF
        let count: Int
        switch first {
        case 0xC2...0xDF: count = 2
        case 0xE0: (count, lowest) = (3, 0xA0)
        case 0xED: (count, highest) = (3, 0x9F)
        case 0xE1...0xEF: count = 3
        case 0xF0: (count, lowest) = (4, 0x90)
        case 0xF1...0xF3: count = 4
        case 0xF4: (count, highest) = (4, 0x8F)
        default: throw .invalidUTF8
        }
        guard count <= bytes.count &- position else { throw .invalidUTF8 }
        guard bytes[position &+ 1] >= lowest, bytes[position &+ 1] <= highest else { throw .invalidUTF8 }
        for index in 2..<max(count, 2) {
            guard bytes[position &+ index] & 0xC0 == 0x80 else { throw .invalidUTF8 }
        }
        position &+= count
    }
}

extension UInt8 {
    /// The byte's value as a hexadecimal digit of either case.
    package var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}

/// Why bytes are not JSON that every reader understands alike.
package enum JSONError: Error {
    /// A string holds bytes that are not UTF-8.
    case invalidUTF8
    /// The grammar of RFC 8259 is broken.
    case notJSON
    /// JSON, but another value than an object.
    case notAnObject
    /// A member of which two readers must not see two values occurs twice in its object.
    case duplicateKey
    /// Deeper than ``JSONScanner/nestingMax``.
    case tooDeep
    /// More unknown members at the top level than ``DeliveryFields/unknownMembersMax``.
    case tooManyMembers
}
