/// Why a verified delivery cannot be understood. The raw value is the reason that stands in the dead-letter record.
public enum DeliveryError: String, Error, Sendable, CaseIterable {
    /// A string in the body is not UTF-8.
    case invalidUTF8 = "invalid_utf8"
    /// The body is not JSON (RFC 8259).
    case notJSON = "not_json"
    /// The body is JSON, but not an object (SPEC.md, 1.1: one object for each POST).
    case notAnObject = "not_an_object"
    /// Objects and arrays are nested more than 256 deep.
    case tooDeep = "too_deep"
    /// A string holds the escape of half a surrogate pair, which has no UTF-8 form (RFC 7493, 2.1).
    case loneSurrogate = "lone_surrogate"
    /// A member that we interpret occurs twice in its object, so that two readers could see two events.
    case duplicateKey = "duplicate_key"
    /// More than 64 members at the top that event v1 has no place for.
    case tooManyMembers = "too_many_members"
    /// `id` is absent, empty or not a string.
    case missingEventID = "missing_event_id"
    /// `entity.id` is absent, empty or not a string.
    case missingEntityID = "missing_entity_id"
    /// An id, type or timestamp is longer than 256 bytes or holds a control character, so no header could carry it.
    case malformedIdentifier = "malformed_identifier"

    init(_ error: JSONError) {
        self =
            switch error {
            case .invalidUTF8: .invalidUTF8
            case .notJSON: .notJSON
            case .notAnObject: .notAnObject
            case .loneSurrogate: .loneSurrogate
            case .duplicateKey: .duplicateKey
            case .tooDeep: .tooDeep
            case .tooManyMembers: .tooManyMembers
            }
    }
}
