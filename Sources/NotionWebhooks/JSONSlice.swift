/// A string's place in JSON text: what stands between its quotes, still escaped.
package struct JSONString: Sendable {
    package let start: Int
    package let end: Int
    /// Whether a backslash occurs.
    package let hasEscapes: Bool
    /// Whether a byte outside ASCII occurs.
    package let hasMultibyte: Bool

    package init(start: Int, end: Int, hasEscapes: Bool, hasMultibyte: Bool) {
        self.start = start
        self.end = end
        self.hasEscapes = hasEscapes
        self.hasMultibyte = hasMultibyte
    }

    /// No string at all.
    package static var absent: JSONString {
        JSONString(start: 0, end: 0, hasEscapes: false, hasMultibyte: false)
    }

    /// Whether there is a string, if only an empty one: no content starts at 0, where at best a quote stands.
    package var isPresent: Bool { start > 0 }
    package var isEmpty: Bool { start == end }
    /// Bytes as escaped.
    package var count: Int { end &- start }
    package var range: Range<Int> { start..<end }
}

/// A value's place in JSON text.
package struct JSONSlice: Sendable {
    package let start: Int
    package let end: Int

    package init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// No value at all.
    package static var absent: JSONSlice { JSONSlice(start: 0, end: 0) }

    package var isPresent: Bool { end > start }
    package var range: Range<Int> { start..<end }
}
