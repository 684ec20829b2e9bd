/// A property that changed: a bare id in page events, an object in schema events (SPEC.md, 1.5).
package struct ChangedProperty: Sendable {
    package var id = JSONString.absent
    package var name = JSONString.absent
    package var action = JSONString.absent
    /// Whether it is an object, so that name and action can be told.
    package var isDescribed = false
}

extension JSONScanner {
    /// Reads the object before which the scanner stands.
    package mutating func changedProperty() throws(JSONError) -> ChangedProperty {
        let names = DeliveryNames.shared
        var property = ChangedProperty()
        property.isDescribed = true
        var seen: UInt32 = 0
        var isFirst = true
        try enter()
        while let key = try nextMember(&isFirst) {
            let name = bytes.name(key)
            if name == names.id {
                try Self.once(0, &seen)
                property.id = try stringOrNull() ?? .absent
            } else if name == names.name {
                try Self.once(1, &seen)
                property.name = try stringOrNull() ?? .absent
            } else if name == names.action {
                try Self.once(2, &seen)
                property.action = try stringOrNull() ?? .absent
            } else {
                _ = try skipValue()
            }
        }
        return property
    }

    /// Reads an array of changed properties, for ``PropertyReader`` to walk later.
    ///
    /// - Returns: the array's place; absent, if the value is something else.
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

/// Walks an array of changed properties that a scanner has passed over before, in both shapes that Notion sends. What
/// has no id is left out.
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
