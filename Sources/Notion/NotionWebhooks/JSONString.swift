/// A string's place in JSON text: what stands between its quotes, still escaped.
package struct JSONString: Sendable {
    private let first: UInt32
    private let behind: UInt32
    /// Whether a backslash occurs.
    package let hasEscapes: Bool
    /// Whether a byte outside ASCII occurs.
    package let hasMultibyte: Bool

    package init(start: Int, end: Int, hasEscapes: Bool, hasMultibyte: Bool) {
        first = UInt32(truncatingIfNeeded: start)
        behind = UInt32(truncatingIfNeeded: end)
        self.hasEscapes = hasEscapes
        self.hasMultibyte = hasMultibyte
    }

    /// No string.
    package static var absent: JSONString { JSONString(start: 0, end: 0, hasEscapes: false, hasMultibyte: false) }

    package var start: Int { Int(first) }
    package var end: Int { Int(behind) }
    /// Whether there is a string, if only an empty one: no content starts at 0, where at best a quote stands.
    package var isPresent: Bool { first > 0 }
    package var isEmpty: Bool { first == behind }
    /// Bytes as escaped.
    package var count: Int { end &- start }
    package var range: Range<Int> { start..<end }
}

/// A value's place in JSON text.
package struct JSONSlice: Sendable {
    private let first: UInt32
    private let behind: UInt32

    package init(start: Int, end: Int) {
        first = UInt32(truncatingIfNeeded: start)
        behind = UInt32(truncatingIfNeeded: end)
    }

    /// No value.
    package static var absent: JSONSlice { JSONSlice(start: 0, end: 0) }

    package var start: Int { Int(first) }
    package var end: Int { Int(behind) }
    package var isPresent: Bool { behind > first }
    package var range: Range<Int> { start..<end }
}

extension Span<UInt8> {
    /// The bytes of a string that a scanner has validated, unescaped.
    package func unescaped(_ string: JSONString) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(string.count)
        unescape(string, into: &text)
        return text
    }

    /// The string as a Swift string.
    package func text(_ string: JSONString) -> String { String(decoding: unescaped(string), as: UTF8.self) }

    /// Whether a string holds the escape of half a surrogate pair, so that its text is not what its sender had.
    package func hasLoneSurrogate(_ string: JSONString) -> Bool {
        guard string.hasEscapes else { return false }
        var position = string.start
        while position < string.end {
            guard self[position] == UInt8(ascii: "\\") else {
                position &+= 1
                continue
            }
            guard self[position &+ 1] == UInt8(ascii: "u") else {
                position &+= 2
                continue
            }
            let (scalar, next) = escapedScalar(at: position, before: string.end)
            guard scalar != nil else { return true }
            position = next
        }
        return false
    }

    /// Appends a string's bytes, unescaped. Half a surrogate pair, which has no UTF-8 form, becomes U+FFFD.
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
                let (scalar, next) = escapedScalar(at: position, before: string.end)
                for byte in UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter { text.append(byte) }
                position = next
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

    /// The character of one `\uXXXX` or of a pair of them, nil for half a pair, and the place behind it.
    private func escapedScalar(at position: Int, before end: Int) -> (scalar: Unicode.Scalar?, next: Int) {
        let next = position &+ 6
        let unit = codeUnit(at: position)
        guard unit & 0xFC00 == 0xD800, next &+ 6 <= end, self[next] == UInt8(ascii: "\\"),
            self[next &+ 1] == UInt8(ascii: "u"), codeUnit(at: next) & 0xFC00 == 0xDC00
        else { return (Unicode.Scalar(unit), next) }
        return (Unicode.Scalar(0x10000 &+ ((unit & 0x3FF) &<< 10 | codeUnit(at: next) & 0x3FF)), next &+ 6)
    }

    private func codeUnit(at position: Int) -> UInt32 {
        var unit: UInt32 = 0
        for index in 2..<6 {
            unit = unit &<< 4 | UInt32(self[position &+ index].hexDigitValue ?? 0)
        }
        return unit
    }
}
