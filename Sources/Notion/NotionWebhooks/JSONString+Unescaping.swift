extension Span<UInt8> {
    /// The own bytes of a string that a scanner has validated, its escapes read.
    package func unescaped(_ string: JSONString) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(string.count)
        unescape(string, into: &text)
        return text
    }

    /// A string as Swift's.
    package func text(_ string: JSONString) -> String {
        String(decoding: unescaped(string), as: UTF8.self)
    }

    /// Appends a string's own bytes, its escapes read.
    ///
    /// - Parameters:
    ///   - string: from a scanner that has validated it.
    ///   - text: where the bytes go.
    package func unescape(_ string: JSONString, into text: inout [UInt8]) {
        var position = string.start
        while position < string.end {
            let byte = self[position]
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                position &+= 1
                continue
            }
            let letter = self[position &+ 1]
            if letter == UInt8(ascii: "u") {
                position = unescapeUnicode(at: position, into: &text)
            } else {
                text.append(Self.meaning(of: letter))
                position &+= 2
            }
        }
    }

    private static func meaning(of letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }

    /// Appends the character of one `\uXXXX` or of a pair of them, and gives the place behind it.
    private func unescapeUnicode(at position: Int, into text: inout [UInt8]) -> Int {
        var next = position &+ 6
        var value = codeUnit(at: position)
        if value & 0xFC00 == 0xD800 {
            value = 0x10000 &+ ((value & 0x3FF) &<< 10 | codeUnit(at: next) & 0x3FF)
            next &+= 6
        }
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { text.append(byte) }
        return next
    }

    private func codeUnit(at position: Int) -> UInt32 {
        var unit: UInt32 = 0
        for index in 2..<6 {
            unit = unit &<< 4 | UInt32(self[position &+ index].hexDigitValue ?? 0)
        }
        return unit
    }
}
