extension JSONScanner {
    /// Passes over an object or array without recursion: one bit for each open container tells which kind it is.
    mutating func skipContainer() throws(JSONError) {
        let outside = depth
        var kinds = InlineArray<5, UInt64>(repeating: 0)
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

    private mutating func open(_ kinds: inout InlineArray<5, UInt64>) throws(JSONError) {
        let isObject = bytes[position] == UInt8(ascii: "{")
        try enter()
        let bit: UInt64 = 1 &<< UInt64((depth &- 1) & 63)
        if isObject {
            kinds[(depth &- 1) &>> 6] |= bit
        } else {
            kinds[(depth &- 1) &>> 6] &= ~bit
        }
    }

    mutating func skipScalar(_ byte: UInt8) throws(JSONError) {
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

    mutating func skipEscape() throws(JSONError) {
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
        let unit = try unicodeEscape()
        guard unit & 0xF800 == 0xD800 else { return }
        guard unit < 0xDC00, position &+ 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position &+ 1] == UInt8(ascii: "u")
        else { throw .loneSurrogate }
        guard try unicodeEscape() & 0xFC00 == 0xDC00 else { throw .loneSurrogate }
    }

    /// Passes over `\uXXXX` and gives its code unit.
    private mutating func unicodeEscape() throws(JSONError) -> UInt32 {
        guard position &+ 6 <= bytes.count else { throw .notJSON }
        var unit: UInt32 = 0
        for index in 2..<6 {
            guard let digit = bytes[position &+ index].hexDigitValue else { throw .notJSON }
            unit = unit &<< 4 | UInt32(digit)
        }
        position &+= 6
        return unit
    }

    /// Passes over one character of two to four bytes, by the table of well-formed sequences (Unicode, table 3-7).
    mutating func skipMultibyte() throws(JSONError) {
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
    /// What the byte is worth as a hexadecimal digit of either case.
    package var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}
