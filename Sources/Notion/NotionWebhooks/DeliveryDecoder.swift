/// Fills ``DeliveryFields`` in one pass over a body.
///
/// A member whose shape is not the documented one is no error. At the top level it is kept among the unknown members,
/// so that it is not lost; inside `data` it is skipped, since `data` is kept whole anyway. Of members that occur twice
/// the last one counts, as with most readers; only what says which event it is must not.
struct DeliveryDecoder: ~Escapable {
    private var scanner: JSONScanner
    private(set) var fields = DeliveryFields()
    private var seen: UInt32 = 0
    private let names = DeliveryNames.shared

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) { scanner = JSONScanner(bytes) }

    /// Reads the whole body.
    mutating func run() throws(JSONError) {
        guard beginsObject() else {
            _ = try scanner.skipValue()
            try scanner.finish()
            throw .notAnObject
        }
        try scanner.enter()
        var isFirst = true
        while let key = try scanner.nextMember(&isFirst) {
            let start = startOfValue()
            let isWhole = try topMember(scanner.bytes.name(key))
            if !isWhole { try keepUnknown(key, JSONSlice(start: start, end: scanner.position)) }
        }
        try scanner.finish()
    }

    // Inlined it costs `run` the inlining of what it calls for each member.
    @inline(never)
    private mutating func beginsObject() -> Bool {
        if scanner.peek() == UInt8(ascii: "{") { return true }
        return scanner.skipByteOrderMark() && scanner.peek() == UInt8(ascii: "{")
    }

    private mutating func keepUnknown(_ name: JSONString, _ value: JSONSlice) throws(JSONError) {
        guard fields.unknown.count < DeliveryFields.unknownMembersMax else { throw .tooManyMembers }
        fields.unknown.append(JSONMember(name: name, value: value))
    }

    @inline(__always)
    private mutating func startOfValue() -> Int {
        _ = scanner.peek()
        return scanner.position
    }
}

// MARK: - The envelope

extension DeliveryDecoder {
    /// Reads one member at the top level; false if some of it has no place in the fields.
    private mutating func topMember(_ name: JSONName) throws(JSONError) -> Bool {
        switch name.count {
        case 2 where name == names.id:
            guard let id = try identifier(0) else { return false }
            fields.id = id
        case 4 where name == names.type:
            try once(1)
            guard let type = try scanner.stringOrNull() else { return false }
            fields.type = type
        case 4 where name == names.data: try data()
        case 6 where name == names.entity: return try entity()
        case 7 where name == names.authors: return try authors()
        case 9 where name == names.timestamp:
            guard let timestamp = try scanner.stringOrNull() else { return false }
            fields.timestamp = timestamp
        case 11...15: return try longTopMember(name)
        default:
            _ = try scanner.skipValue()
            return false
        }
        return true
    }

    private mutating func longTopMember(_ name: JSONName) throws(JSONError) -> Bool {
        switch name.count {
        case 11 where name == names.apiVersion:
            guard let version = try scanner.stringOrNull() else { return false }
            fields.apiVersion = version
        case 12 where name == names.workspaceID:
            guard let id = try identifier(3) else { return false }
            fields.workspaceID = id
        case 13 where name == names.accessibleBy: return try accessibleBy()
        case 14 where name == names.workspaceName:
            guard let text = try scanner.stringOrNull() else { return false }
            fields.workspaceName = text
        case 14 where name == names.integrationID:
            guard let id = try identifier(4) else { return false }
            fields.integrationID = id
        case 14 where name == names.attemptNumber: return try attempt()
        case 15 where name == names.subscriptionID:
            guard let id = try identifier(5) else { return false }
            fields.subscriptionID = id
        default:
            _ = try scanner.skipValue()
            return false
        }
        return true
    }

    /// Refuses a member at the top level that occurs twice.
    @inline(__always)
    private mutating func once(_ bit: UInt32) throws(JSONError) {
        guard seen & (1 &<< bit) == 0 else { throw .duplicateKey }
        seen |= 1 &<< bit
    }

    @inline(__always)
    private mutating func identifier(_ bit: UInt32) throws(JSONError) -> Identifier? {
        try once(bit)
        guard let string = try scanner.stringOrNull() else { return nil }
        return scanner.bytes.identifier(string)
    }

    /// Takes a number of one to nine digits; a longer or malformed one is kept among the unknown members.
    private mutating func attempt() throws(JSONError) -> Bool {
        let value = try scanner.skipValue()
        guard scanner.bytes[value.start] != UInt8(ascii: "n") else { return true }
        guard value.end &- value.start <= 9 else { return false }
        for index in value.range where scanner.bytes[index] &- UInt8(ascii: "0") > 9 { return false }
        fields.attempt = value
        return true
    }

    private mutating func authors() throws(JSONError) -> Bool {
        var isWhole = true
        fields.authors = try scanner.references(&isWhole)
        return isWhole
    }

    private mutating func accessibleBy() throws(JSONError) -> Bool {
        var isWhole = true
        fields.accessibleBy = try scanner.references(&isWhole)
        return isWhole
    }

    private mutating func entity() throws(JSONError) -> Bool {
        try once(2)
        guard scanner.peek() == UInt8(ascii: "{") else {
            _ = try scanner.skipValue()
            return false
        }
        var isWhole = true
        var isTwice = false
        let entity = try scanner.reference(&isWhole, &isTwice)
        guard !isTwice else { throw .duplicateKey }
        fields.entityType = entity.type
        fields.entityID = scanner.bytes.identifier(entity.id)
        return isWhole
    }
}

// MARK: - Inside data

extension DeliveryDecoder {
    private mutating func data() throws(JSONError) {
        if fields.data.isPresent { fields.forgetData() }
        let isObject = scanner.peek() == UInt8(ascii: "{")
        let start = scanner.position
        if isObject {
            try dataMembers()
        } else {
            _ = try scanner.skipValue()
        }
        fields.data = JSONSlice(start: start, end: scanner.position)
    }

    private mutating func dataMembers() throws(JSONError) {
        try scanner.enter()
        var seen: UInt32 = 0
        var isFirst = true
        while let key = try scanner.nextMember(&isFirst) {
            let name = scanner.bytes.name(key)
            switch name.count {
            case 6 where name == names.parent: try parent()
            case 7 where name == names.pageID:
                try JSONScanner.once(0, &seen)
                fields.pageID = scanner.bytes.identifier(try scanner.stringOrNull() ?? .absent)
            case 14 where name == names.updatedBlocks:
                var isWhole = true
                fields.updatedBlocks = try scanner.references(&isWhole)
            case 14 where name == names.updatedFields: fields.updatedFields = try scanner.array()
            case 18 where name == names.updatedProperties: fields.updatedProperties = try scanner.properties()
            default: _ = try scanner.skipValue()
            }
        }
    }

    private mutating func parent() throws(JSONError) {
        fields.forgetParent()
        guard scanner.peek() == UInt8(ascii: "{") else {
            _ = try scanner.skipValue()
            return
        }
        try scanner.enter()
        var isFirst = true
        while let key = try scanner.nextMember(&isFirst) {
            let name = scanner.bytes.name(key)
            switch name.count {
            case 2 where name == names.id:
                fields.parentID = scanner.bytes.identifier(try scanner.stringOrNull() ?? .absent)
            case 4 where name == names.type: fields.parentType = try scanner.stringOrNull() ?? .absent
            case 14 where name == names.dataSourceID:
                fields.dataSourceID = scanner.bytes.identifier(try scanner.stringOrNull() ?? .absent)
            default: _ = try scanner.skipValue()
            }
        }
    }
}

/// The names of a delivery's members.
struct DeliveryNames: Sendable {
    static let shared = DeliveryNames()

    let id = JSONName("id")
    let timestamp = JSONName("timestamp")
    let workspaceID = JSONName("workspace_id")
    let workspaceName = JSONName("workspace_name")
    let subscriptionID = JSONName("subscription_id")
    let integrationID = JSONName("integration_id")
    let authors = JSONName("authors")
    let accessibleBy = JSONName("accessible_by")
    let attemptNumber = JSONName("attempt_number")
    let apiVersion = JSONName("api_version")
    let entity = JSONName("entity")
    let type = JSONName("type")
    let data = JSONName("data")

    let parent = JSONName("parent")
    let dataSourceID = JSONName("data_source_id")
    let pageID = JSONName("page_id")
    let updatedBlocks = JSONName("updated_blocks")
    let updatedProperties = JSONName("updated_properties")
    let updatedFields = JSONName("updated_fields")

    let name = JSONName("name")
    let action = JSONName("action")
}
