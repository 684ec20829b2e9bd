/// An object that names something by type and id: an author, an entity, a block.
package struct Reference: Sendable {
    package var type = JSONString.absent
    package var id = JSONString.absent
}

extension JSONScanner {
    /// Reads the object at the scanner's position. Sets `isWhole` to false if the object holds anything but a type and
    /// an id as strings, each once; of two the last one counts, as with most readers.
    package mutating func reference(_ isWhole: inout Bool) throws(JSONError) -> Reference {
        var isTwice = false
        return try reference(&isWhole, &isTwice)
    }

    /// The same; sets `isTwice` to true if type or id occurs twice.
    @inline(__always)
    mutating func reference(_ isWhole: inout Bool, _ isTwice: inout Bool) throws(JSONError) -> Reference {
        let names = DeliveryNames.shared
        var reference = Reference()
        var seen: UInt32 = 0
        var isFirst = true
        try enter()
        while let key = try nextMember(&isFirst) {
            let name = bytes.name(key)
            if name == names.id {
                if seen & 1 != 0 { isTwice = true }
                seen |= 1
                if let id = try stringOrNull() { reference.id = id } else { isWhole = false }
            } else if name == names.type {
                if seen & 2 != 0 { isTwice = true }
                seen |= 2
                if let type = try stringOrNull() { reference.type = type } else { isWhole = false }
            } else {
                _ = try skipValue()
                isWhole = false
            }
        }
        if isTwice { isWhole = false }
        return reference
    }

    /// Reads an array of references, for ``ReferenceReader`` to iterate over later, and returns its place: absent if
    /// the value is null or of another kind. Sets `isWhole` to false if an element is not a reference, or holds more
    /// than one.
    package mutating func references(_ isWhole: inout Bool) throws(JSONError) -> JSONSlice {
        guard peek() == UInt8(ascii: "[") else {
            let isNull = peek() == UInt8(ascii: "n")
            _ = try skipValue()
            if !isNull { isWhole = false }
            return .absent
        }
        let start = position
        var isFirst = true
        try enter()
        while try nextElement(&isFirst) {
            if peek() == UInt8(ascii: "{") {
                _ = try reference(&isWhole)
            } else {
                _ = try skipValue()
                isWhole = false
            }
        }
        return JSONSlice(start: start, end: position)
    }

    /// Refuses a member that occurs twice in its object.
    @inline(__always)
    package static func once(_ bit: UInt32, _ seen: inout UInt32) throws(JSONError) {
        guard seen & (1 &<< bit) == 0 else { throw .duplicateKey }
        seen |= 1 &<< bit
    }

    /// Reads a string or null (which is an absent one); nil if the value is something else, which is skipped.
    @inline(__always)
    package mutating func stringOrNull() throws(JSONError) -> JSONString? {
        let byte = peek()
        if byte == UInt8(ascii: "\"") { return try string() }
        _ = try skipValue()
        return byte == UInt8(ascii: "n") ? .absent : nil
    }

    /// Skips an array and returns its place; absent if the value is something else.
    mutating func array() throws(JSONError) -> JSONSlice {
        let isArray = peek() == UInt8(ascii: "[")
        let value = try skipValue()
        return isArray ? value : .absent
    }
}

/// Iterates over an array of references that a scanner has validated. Elements that are not objects are left out.
package struct ReferenceReader: ~Escapable {
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

    /// The next reference, nil after the last.
    package mutating func next() -> Reference? {
        guard !isOver else { return nil }
        var isWhole = true
        // The text is known to be valid, so an error can only mean that there is nothing more to read.
        do throws(JSONError) {
            while try scanner.nextElement(&isFirst) {
                if scanner.peek() == UInt8(ascii: "{") { return try scanner.reference(&isWhole) }
                _ = try scanner.skipValue()
            }
        } catch {}
        isOver = true
        return nil
    }
}
