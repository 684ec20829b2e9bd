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

    /// No string at all.
    package static var absent: JSONString {
        JSONString(start: 0, end: 0, hasEscapes: false, hasMultibyte: false)
    }

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

    /// No value at all.
    package static var absent: JSONSlice { JSONSlice(start: 0, end: 0) }

    package var start: Int { Int(first) }
    package var end: Int { Int(behind) }
    package var isPresent: Bool { behind > first }
    package var range: Range<Int> { start..<end }
}
