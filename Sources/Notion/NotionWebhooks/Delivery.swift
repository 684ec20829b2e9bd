/// A verified and decoded delivery: a view over its bytes, decoded in one pass and without allocation.
///
/// The text accessors make a new string at each call and are meant for logs and tests; the way to a Kafka record is
/// NotionEvents' `EventRecord`, which copies straight from the bytes.
public struct Delivery: ~Escapable {
    package let bytes: Span<UInt8>
    package let fields: DeliveryFields
    /// The place of the type in ``DeliveryType/known``.
    package let typeIndex: Int
    /// Whether one of our tokens signed it; false for a delivery that was accepted without a signature.
    public let isSigned: Bool

    /// Decodes a delivery.
    ///
    /// Key order, white space, `\u` escapes, unknown types and unknown members are all fine, and only the two ids are
    /// required. Members whose shape is not the documented one count as absent. Whatever says which event it is (ids,
    /// type and entity) must be clear: it must not occur twice, nor hold half a surrogate pair. Of other members that
    /// occur twice the last one counts, and half a pair in other texts is U+FFFD.
    ///
    /// - Throws: ``DeliveryError``, whose raw value is the dead letter's reason.
    @_lifetime(copy verified)
    public init(_ verified: borrowing VerifiedDelivery) throws(DeliveryError) {
        try self.init(decoding: verified.bytes, isSigned: verified.signature != nil)
    }

    @_lifetime(copy bytes)
    package init(decoding bytes: Span<UInt8>, isSigned: Bool = true) throws(DeliveryError) {
        var decoder = DeliveryDecoder(bytes)
        do throws(JSONError) {
            try decoder.run()
        } catch {
            throw DeliveryError(error)
        }
        self.bytes = bytes
        fields = decoder.fields
        self.isSigned = isSigned
        typeIndex = Self.typeIndex(fields.type, in: bytes)
        guard fields.id.isPresent else { throw .missingEventID }
        guard fields.entityID.isPresent else { throw .missingEntityID }
        guard hasUsableIdentifiers else { throw hasHalfIdentifiers ? .loneSurrogate : .malformedIdentifier }
    }

    /// Notion's id of the event, the same over all attempts; canonical, if it is a UUID.
    public var eventID: String { text(fields.id) }

    /// What has happened.
    public var type: DeliveryType {
        DeliveryType(fields.type.isPresent && !fields.type.isEmpty ? bytes.text(fields.type) : "unknown")
    }

    /// The kind of thing that it happened to, `page` for example; nil when Notion does not say.
    public var entityType: String? { fields.entityType.isPresent ? bytes.text(fields.entityType) : nil }

    /// The id of the thing that it happened to; canonical, if it is a UUID.
    public var entityID: String { text(fields.entityID) }

    /// The subscription that sent it; nil when Notion does not say.
    public var subscriptionID: String? { fields.subscriptionID.isPresent ? text(fields.subscriptionID) : nil }

    /// The workspace it happened in; nil when Notion does not say.
    public var workspaceID: String? { fields.workspaceID.isPresent ? text(fields.workspaceID) : nil }

    /// The workspace's name, which is whatever people typed; nil when Notion does not say.
    public var workspaceName: String? { fields.workspaceName.isPresent ? bytes.text(fields.workspaceName) : nil }

    /// The connection that has the subscription; nil when Notion does not say.
    public var integrationID: String? { fields.integrationID.isPresent ? text(fields.integrationID) : nil }

    private func text(_ id: Identifier) -> String {
        let plain = bytes.unescaped(id.string)
        guard id.form == .convertible, let canonical = CanonicalID(plain.span) else {
            return String(decoding: plain, as: UTF8.self)
        }
        return String(decoding: canonical.bytes, as: UTF8.self)
    }

    private static func typeIndex(_ type: JSONString, in bytes: Span<UInt8>) -> Int {
        type.hasEscapes
            ? DeliveryType.index(of: bytes.unescaped(type).span) : DeliveryType.index(of: bytes.extracting(type.range))
    }
}

// MARK: - What may become a header

extension Delivery {
    private var hasUsableIdentifiers: Bool {
        Self.isUsable(fields.id, in: bytes) && Self.isUsable(fields.entityID, in: bytes)
            && Self.isUsable(fields.workspaceID, in: bytes) && Self.isUsable(fields.subscriptionID, in: bytes)
            && Self.isUsable(fields.pageID, in: bytes) && Self.isUsable(fields.entityType, in: bytes)
            && (typeIndex < DeliveryType.known.count || Self.isUsable(fields.type, in: bytes))
    }

    private var hasHalfIdentifiers: Bool {
        bytes.hasLoneSurrogate(fields.id.string) || bytes.hasLoneSurrogate(fields.entityID.string)
            || bytes.hasLoneSurrogate(fields.workspaceID.string) || bytes.hasLoneSurrogate(fields.subscriptionID.string)
            || bytes.hasLoneSurrogate(fields.pageID.string) || bytes.hasLoneSurrogate(fields.entityType)
            || bytes.hasLoneSurrogate(fields.type)
    }

    @inline(__always)
    private static func isUsable(_ id: Identifier, in bytes: Span<UInt8>) -> Bool {
        id.form != .other || isUsable(id.string, in: bytes)
    }

    /// Whether a string is short enough for a header and free of control characters (CloudEvents 1.0, "Type System").
    private static func isUsable(_ string: JSONString, in bytes: Span<UInt8>) -> Bool {
        if string.hasEscapes || string.hasMultibyte {
            return !bytes.hasLoneSurrogate(string) && isUsable(bytes.unescaped(string).span)
        }
        guard string.count <= DeliveryFields.identifierBytesMax else { return false }
        // JSON itself excludes the other control characters of ASCII.
        var deletes: UInt8 = 0
        let text = bytes.extracting(string.range)
        for index in text.indices { deletes |= text[index] == 0x7F ? 1 : 0 }
        return deletes == 0
    }

    private static func isUsable(_ text: Span<UInt8>) -> Bool {
        guard text.count <= DeliveryFields.identifierBytesMax else { return false }
        for index in text.indices {
            let byte = text[index]
            if byte < 0x20 || byte == 0x7F { return false }
            // U+0080 to U+009F are C2 80 to C2 9F.
            if byte == 0xC2, text[index + 1] < 0xA0 { return false }
        }
        return true
    }
}

/// Why a verified delivery cannot be decoded. The raw value is the reason in the dead-letter record.
public enum DeliveryError: String, Error, Sendable, CaseIterable {
    /// A string in the body is not UTF-8.
    case invalidUTF8 = "invalid_utf8"
    /// The body is not JSON (RFC 8259).
    case notJSON = "not_json"
    /// The body is JSON, but not an object.
    case notAnObject = "not_an_object"
    /// Objects and arrays are nested more than 512 deep.
    case tooDeep = "too_deep"
    /// An id, the type or the entity holds the escape of half a surrogate pair, which has no UTF-8 form.
    case loneSurrogate = "lone_surrogate"
    /// An id, the type or the entity occurs twice in its object, so that two readers could see two events.
    case duplicateKey = "duplicate_key"
    /// More than 16,384 members at the top level that event v1 has no place for.
    case tooManyMembers = "too_many_members"
    /// `id` is absent, empty or not a string.
    case missingEventID = "missing_event_id"
    /// `entity.id` is absent, empty or not a string.
    case missingEntityID = "missing_entity_id"
    /// An id or type is longer than 256 bytes or holds a control character, so no header could carry it.
    case malformedIdentifier = "malformed_identifier"

    init(_ error: JSONError) {
        self =
            switch error {
            case .invalidUTF8: .invalidUTF8
            case .notJSON: .notJSON
            case .notAnObject: .notAnObject
            case .duplicateKey: .duplicateKey
            case .tooDeep: .tooDeep
            case .tooManyMembers: .tooManyMembers
            }
    }
}

/// The places of a delivery's members in its body, filled in one pass by ``DeliveryDecoder``.
package struct DeliveryFields: Sendable {
    // Limit: of memory, 20 bytes each. Notion's envelope has 13 members.
    package static let unknownMembersMax = 16_384
    // Limit: whatever becomes a header or a key; Notion's ids have 36 bytes, its longest type has 43.
    package static let identifierBytesMax = 256

    package var id = Identifier.absent
    package var timestamp = JSONString.absent
    package var workspaceID = Identifier.absent
    package var workspaceName = JSONString.absent
    package var subscriptionID = Identifier.absent
    package var integrationID = Identifier.absent
    /// An array, see ``ReferenceReader``.
    package var authors = JSONSlice.absent
    /// An array, see ``ReferenceReader``.
    package var accessibleBy = JSONSlice.absent
    /// One to nine digits.
    package var attempt = JSONSlice.absent
    package var apiVersion = JSONString.absent
    package var entityType = JSONString.absent
    package var entityID = Identifier.absent
    package var type = JSONString.absent
    /// Any value.
    package var data = JSONSlice.absent

    // What we look for inside `data`, when it is an object.
    package var pageID = Identifier.absent
    package var parentType = JSONString.absent
    package var parentID = Identifier.absent
    package var dataSourceID = Identifier.absent
    /// An array, see ``ReferenceReader``.
    package var updatedBlocks = JSONSlice.absent
    /// An array, see ``PropertyReader``.
    package var updatedProperties = JSONSlice.absent
    /// An array, see ``StringReader``.
    package var updatedFields = JSONSlice.absent

    /// Members at the top level that the fields above do not hold, or do not hold whole. Usually empty.
    package var unknown: [JSONMember] = []

    package init() {}

    /// Another `data` follows.
    mutating func forgetData() {
        pageID = .absent
        updatedBlocks = .absent
        updatedProperties = .absent
        updatedFields = .absent
        forgetParent()
    }

    @inline(__always)
    mutating func forgetParent() {
        parentType = .absent
        parentID = .absent
        dataSourceID = .absent
    }
}

/// A member of an object: the places of its name and its value.
package struct JSONMember: Sendable {
    package let name: JSONString
    package let value: JSONSlice
}
