/// Reads JSON text once, front to back: validates everything, builds nothing, and hands out places in the text.
///
/// A caller walks the containers that it knows (`enterObject`, `nextMember`, …) and skips values that it does not. No
/// step recurses, none allocates, and all text that was passed over is valid afterwards, whoever wrote it.
package struct JSONScanner: ~Escapable {
    // Limit: deep enough for anything that Notion nests, and half of what common decoders put up with.
    package static let nestingMax = 256

    package let bytes: Span<UInt8>
    package internal(set) var position: Int
    var depth = 0
    private let nestingMax: Int

    // Limit: a bit for each open container.
    static let nestingBits = 320

    /// A scanner at some place of a text.
    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, at position: Int = 0, nestingMax: Int = Self.nestingMax) {
        precondition(nestingMax <= Self.nestingBits, "There are not as many bits for open containers.")
        self.nestingMax = nestingMax
        // Places are kept in 32 bits each.
        precondition(bytes.count <= Int(UInt32.max), "JSON text must be shorter than 4 GiB.")
        self.bytes = bytes
        self.position = position
    }

    /// The next byte that is not white space, 0 at the end; it is not passed over.
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

    /// Passes over white space up to the end of the text, where it must arrive.
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
        // An item must follow a comma; a value that starts with a bracket's other half is refused by who reads it.
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

    /// Passes over the next value, whatever it is.
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
    /// Eight bytes at a time: each test leaves the top bit of the bytes that it is looking for. A borrow can only set
    /// bits above a true hit, so the lowest bit that is set is always right.
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
}
