/// Where one field lies in the bytes of a head. Offsets count from the first byte of the request.
package struct FieldRange: Equatable, Sendable {
    private let nameStart: UInt32
    private let nameEnd: UInt32
    private let valueStart: UInt32
    private let valueEnd: UInt32

    var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }

    /// Reads `token ":" OWS value OWS`, the line from its start to its carriage return. White space before the colon
    /// or at the line's start is refused; the characters of the value have been looked at already.
    init(_ bytes: Span<UInt8>, start: Int, end: Int) throws(Refusal) {
        if bytes[start] == ASCII.space || bytes[start] == ASCII.horizontalTab {
            throw .foldedField
        }
        var colon = start
        while colon < end, ASCII.isToken(bytes[colon]) {
            colon += 1
        }
        guard colon > start, colon < end, bytes[colon] == ASCII.colon else { throw .badFieldName }
        var first = colon + 1
        while first < end, bytes[first] == ASCII.space || bytes[first] == ASCII.horizontalTab {
            first += 1
        }
        var last = end
        while last > first, bytes[last - 1] == ASCII.space || bytes[last - 1] == ASCII.horizontalTab {
            last -= 1
        }
        nameStart = UInt32(truncatingIfNeeded: start)
        nameEnd = UInt32(truncatingIfNeeded: colon)
        valueStart = UInt32(truncatingIfNeeded: first)
        valueEnd = UInt32(truncatingIfNeeded: last)
    }
}
