/// Walks an array that a scanner has passed over before, and gives its strings. Anything else is left out.
package struct StringReader: ~Escapable {
    private var scanner: JSONScanner
    private var isFirst = true
    private var isOver: Bool

    /// - Parameters:
    ///   - array: the array's place; an absent one has no elements.
    ///   - bytes: the text that it is in.
    @_lifetime(copy bytes)
    package init(_ array: JSONSlice, in bytes: Span<UInt8>) {
        scanner = JSONScanner(bytes, at: array.start &+ 1)
        isOver = !array.isPresent
    }

    /// The next string, nil after the last.
    package mutating func next() -> JSONString? {
        guard !isOver else { return nil }
        // The text is known to be valid, so an error can only mean that there is nothing more to read.
        do throws(JSONError) {
            while try scanner.nextElement(&isFirst) {
                if let string = try scanner.stringOrNull(), string.isPresent { return string }
            }
        } catch {}
        isOver = true
        return nil
    }
}
