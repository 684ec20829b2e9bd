/// A property that changed: a bare id in page events, an object in schema events.
package struct ChangedProperty: Sendable {
    package var id = JSONString.absent
    package var name = JSONString.absent
    package var action = JSONString.absent
    /// Whether it is an object, so that it can have a name and an action.
    package var isDescribed = false
}

extension JSONScanner {
    /// Reads the object at the scanner's position. Of members that occur twice the last one counts.
    package mutating func changedProperty() throws(JSONError) -> ChangedProperty {
        let names = DeliveryNames.shared
        var property = ChangedProperty()
        property.isDescribed = true
        var isFirst = true
        try enter()
        while let key = try nextMember(&isFirst) {
            let name = bytes.name(key)
            if name == names.id {
                property.id = try stringOrNull() ?? .absent
            } else if name == names.name {
                property.name = try stringOrNull() ?? .absent
            } else if name == names.action {
                property.action = try stringOrNull() ?? .absent
            } else {
                _ = try skipValue()
            }
        }
        return property
    }

    /// Reads an array of changed properties, for ``PropertyReader`` to iterate over later.
    ///
    /// - Returns: the array's place; absent if the value is something else.
    mutating func properties() throws(JSONError) -> JSONSlice {
        guard peek() == UInt8(ascii: "[") else {
            _ = try skipValue()
            return .absent
        }
        let start = position
        var isFirst = true
        try enter()
        while try nextElement(&isFirst) {
            if peek() == UInt8(ascii: "{") {
                _ = try changedProperty()
            } else {
                _ = try skipValue()
            }
        }
        return JSONSlice(start: start, end: position)
    }
}

/// Iterates over an array of changed properties that a scanner has validated, in both shapes that Notion sends.
/// Elements without an id are left out.
package struct PropertyReader: ~Escapable {
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

    /// The next property, nil after the last.
    package mutating func next() -> ChangedProperty? {
        guard !isOver else { return nil }
        // The text is known to be valid, so an error can only mean that there is nothing more to read.
        do throws(JSONError) {
            while try scanner.nextElement(&isFirst) {
                var property = ChangedProperty()
                if scanner.peek() == UInt8(ascii: "{") {
                    property = try scanner.changedProperty()
                } else {
                    property.id = try scanner.stringOrNull() ?? .absent
                }
                if property.id.isPresent { return property }
            }
        } catch {}
        isOver = true
        return nil
    }
}

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
