import NotionWebhooks

/// Reads event v1, member by member. Errors in the JSON are thrown; errors in the event are noted, so that text that is
/// not JSON at all is always reported as that.
struct EventDecoder: ~Escapable {
    private var scanner: JSONScanner
    private(set) var event = Event(id: "", type: "", entity: Event.Reference())
    /// Whether it is a CloudEvent, of whose members only `data` is of interest.
    private(set) var isEnvelope = false
    /// The first member that is not as event v1 requires.
    private var problem: EventError?

    // Limit: as deep as a delivery may be, one more for what lies in `unknown`, and one for a CloudEvent around it.
    private static let nestingMax = JSONScanner.nestingMax + 2

    private static let names = [
        "id", "type", "occurred_at", "attempt", "api_version", "workspace", "subscription_id", "integration_id",
        "entity",
        "parent", "page_id", "authors", "accessible_by", "aggregated", "changes", "data", "unknown",
        "specversion",
    ].map(JSONName.init)
    private static let workspaceNames = ["id", "name"].map(JSONName.init)
    private static let referenceNames = ["type", "id"].map(JSONName.init)
    private static let parentNames = ["type", "id", "database_id"].map(JSONName.init)
    private static let changesNames = ["blocks", "properties", "fields"].map(JSONName.init)
    private static let propertyNames = ["id", "name", "action"].map(JSONName.init)

    @_lifetime(copy bytes)
    private init(_ bytes: Span<UInt8>) { scanner = JSONScanner(bytes, nestingMax: Self.nestingMax) }

    /// Reads the whole text.
    @_lifetime(copy bytes)
    static func decode(_ bytes: Span<UInt8>) throws(EventError) -> EventDecoder {
        var decoder = EventDecoder(bytes)
        do throws(JSONError) {
            try decoder.run()
        } catch {
            throw EventError(error)
        }
        return decoder
    }

    /// What was read, if it is as event v1 requires.
    func checked() throws(EventError) -> Event {
        if let problem { throw problem }
        return event
    }

    private mutating func run() throws(JSONError) {
        guard scanner.peek() == UInt8(ascii: "{") else {
            _ = try scanner.skipValue()
            try scanner.finish()
            throw .notAnObject
        }
        try scanner.enter()
        var seen = Seen()
        while let index = try next(Self.names, &seen) { try member(index) }
        try scanner.finish()
    }

    private mutating func member(_ index: Int) throws(JSONError) {
        switch index {
        case 0: event.id = try string("id") ?? ""
        case 1: event.type = try string("type") ?? ""
        case 2: event.occurredAt = try string("occurred_at")
        case 3: event.attempt = try number("attempt")
        case 4: event.apiVersion = try string("api_version")
        case 5: try workspace()
        case 6: event.subscriptionID = try string("subscription_id")
        case 7: event.integrationID = try string("integration_id")
        case 8: event.entity = try reference("entity") ?? Event.Reference()
        case 9: try parent()
        case 10: event.pageID = try string("page_id")
        case 11: event.authors = try references("authors") ?? []
        case 12: event.accessibleBy = try references("accessible_by")
        case 13: event.aggregated = try flag("aggregated")
        case 14: try changes()
        case 15: event.data = try verbatim()
        case 16: event.unknown = try verbatim()
        default: isEnvelope = try verbatim() != nil
        }
    }
}

// MARK: - Objects

extension EventDecoder {
    private mutating func workspace() throws(JSONError) {
        guard try enter("{", "workspace") else { return }
        var seen = Seen()
        while let index = try next(Self.workspaceNames, &seen) {
            if index == 0 {
                event.workspace.id = try string("workspace.id")
            } else {
                event.workspace.name = try string("workspace.name")
            }
        }
    }

    private mutating func parent() throws(JSONError) {
        guard try enter("{", "parent") else { return }
        var parent = Event.Parent()
        var seen = Seen()
        while let index = try next(Self.parentNames, &seen) {
            switch index {
            case 0: parent.type = try string("parent.type")
            case 1: parent.id = try string("parent.id")
            default: parent.databaseID = try string("parent.database_id")
            }
        }
        event.parent = parent
    }

    private mutating func changes() throws(JSONError) {
        guard try enter("{", "changes") else { return }
        var seen = Seen()
        while let index = try next(Self.changesNames, &seen) {
            switch index {
            case 0: event.changes.blocks = try references("changes.blocks") ?? []
            case 1: try properties()
            default: try fields()
            }
        }
    }

    private mutating func properties() throws(JSONError) {
        guard try enter("[", "changes.properties") else { return }
        var isFirst = true
        while try scanner.nextElement(&isFirst) {
            guard try enter("{", "changes.properties") else { continue }
            var property = Event.Property(id: "")
            var seen = Seen()
            while let index = try next(Self.propertyNames, &seen) {
                switch index {
                case 0: property.id = try string("changes.properties.id") ?? ""
                case 1: property.name = try string("changes.properties.name")
                default: property.action = try string("changes.properties.action")
                }
            }
            event.changes.properties.append(property)
        }
    }

    private mutating func fields() throws(JSONError) {
        guard try enter("[", "changes.fields") else { return }
        var isFirst = true
        while try scanner.nextElement(&isFirst) {
            if let field = try string("changes.fields") { event.changes.fields.append(field) }
        }
    }

    private mutating func reference(_ name: String) throws(JSONError) -> Event.Reference? {
        guard try enter("{", name) else { return nil }
        var reference = Event.Reference()
        var seen = Seen()
        while let index = try next(Self.referenceNames, &seen) {
            if index == 0 {
                reference.type = try string(name + ".type")
            } else {
                reference.id = try string(name + ".id")
            }
        }
        return reference
    }

    private mutating func references(_ name: String) throws(JSONError) -> [Event.Reference]? {
        guard try enter("[", name) else { return nil }
        var references: [Event.Reference] = []
        var isFirst = true
        while try scanner.nextElement(&isFirst) {
            if let reference = try reference(name) { references.append(reference) }
        }
        return references
    }

    /// The state of an iteration over an object's members.
    private struct Seen {
        var isFirst = true
        var members: UInt32 = 0
    }

    /// Moves to the next member with one of these names and returns the name's index; nil at the object's end.
    private mutating func next(_ names: [JSONName], _ seen: inout Seen) throws(JSONError) -> Int? {
        while let key = try scanner.nextMember(&seen.isFirst) {
            let name = scanner.bytes.name(key)
            if let index = names.firstIndex(of: name) {
                try JSONScanner.once(UInt32(index), &seen.members)
                return index
            }
            _ = try scanner.skipValue()
        }
        return nil
    }

    /// Enters an object or array. If there is none, the value is skipped, and noted unless it is null.
    private mutating func enter(_ bracket: Unicode.Scalar, _ name: String) throws(JSONError) -> Bool {
        guard scanner.peek() == UInt8(ascii: bracket) else {
            try skip(name)
            return false
        }
        try scanner.enter()
        return true
    }
}

// MARK: - Values

extension EventDecoder {
    /// Skips a value that should be of another type, and notes that unless it is null.
    private mutating func skip(_ name: String) throws(JSONError) {
        if scanner.peek() != UInt8(ascii: "n") { problem = problem ?? .wrongType(name) }
        _ = try scanner.skipValue()
    }

    private mutating func string(_ name: String) throws(JSONError) -> String? {
        guard scanner.peek() == UInt8(ascii: "\"") else {
            try skip(name)
            return nil
        }
        let string = try scanner.string()
        return scanner.bytes.text(string)
    }

    private mutating func number(_ name: String) throws(JSONError) -> Int? {
        let isNull = scanner.peek() == UInt8(ascii: "n")
        let value = try scanner.skipValue()
        guard !isNull else { return nil }
        let bytes = scanner.bytes
        if let number = Int(String(decoding: value.range.map { bytes[$0] }, as: UTF8.self)) { return number }
        problem = problem ?? .wrongType(name)
        return nil
    }

    private mutating func flag(_ name: String) throws(JSONError) -> Bool? {
        let byte = scanner.peek()
        guard byte == UInt8(ascii: "t") || byte == UInt8(ascii: "f") else {
            try skip(name)
            return nil
        }
        _ = try scanner.skipValue()
        return byte == UInt8(ascii: "t")
    }

    /// Any value's own bytes, nil for null.
    private mutating func verbatim() throws(JSONError) -> [UInt8]? {
        let isNull = scanner.peek() == UInt8(ascii: "n")
        let value = try scanner.skipValue()
        let bytes = scanner.bytes
        return isNull ? nil : value.range.map { bytes[$0] }
    }
}
