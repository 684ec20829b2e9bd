import NotionWebhooks

/// Why bytes are not event v1.
public enum EventError: Error, Sendable, Equatable {
    /// A string in the value is not UTF-8.
    case invalidUTF8
    /// The value is not JSON (RFC 8259).
    case notJSON
    /// The value is JSON, but not an object.
    case notAnObject
    /// A string holds the escape of half a surrogate pair.
    case loneSurrogate
    /// Objects and arrays are nested more than 258 deep: a delivery may have 256, and the event adds at most two.
    case tooDeep
    /// A member of event v1 occurs twice in its object.
    case duplicateKey
    /// A member that event v1 requires is absent: its name, with a dot between an object's and its own.
    case missing(String)
    /// A member is of another type than event v1 says: its name.
    case wrongType(String)

    init(_ error: JSONError) {
        self =
            switch error {
            case .invalidUTF8: .invalidUTF8
            case .notJSON: .notJSON
            case .notAnObject: .notAnObject
            case .loneSurrogate: .loneSurrogate
            case .duplicateKey: .duplicateKey
            case .tooDeep, .tooManyMembers: .tooDeep
            }
    }
}

extension EventError: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .invalidUTF8: "a string is not UTF-8"
        case .notJSON: "the value is not JSON"
        case .notAnObject: "the value is not a JSON object"
        case .loneSurrogate: "a string holds the escape of half a surrogate pair"
        case .tooDeep: "the value is nested more than 258 deep"
        case .duplicateKey: "a member of event v1 occurs twice in its object"
        case .missing(let name): "\(name) is missing"
        case .wrongType(let name): "\(name) is not of the type that event v1 says"
        }
    }
}
