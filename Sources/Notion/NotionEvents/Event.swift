import NotionWebhooks

/// Event v1 as consumers hold it: the value of a record in ``Topics/events``, decoded.
///
/// An event says *that* something changed; what it looks like now has to be fetched.
public struct Event: Sendable, Equatable {
    /// Notion's id of the event: equal in every attempt and every duplicate, so duplicates can be dropped by it.
    public var id: String
    /// What has happened, `page.created` for example; `unknown` if Notion did not say.
    public var type: String
    /// When it happened, as Notion writes it (RFC 3339).
    public var occurredAt: String?
    /// Which of Notion's attempts this was, from 1 to 8.
    public var attempt: Int?
    /// The subscription's API version.
    public var apiVersion: String?
    /// Where it happened.
    public var workspace: Workspace
    /// The subscription that reported it.
    public var subscriptionID: String?
    /// The connection that the subscription belongs to.
    public var integrationID: String?
    /// What it happened to. Its id is always there.
    public var entity: Reference
    /// Where the entity is.
    public var parent: Parent?
    /// The page that a comment is on.
    public var pageID: String?
    /// Who did it: persons, bots and agents.
    public var authors: [Reference]
    /// Who can see it; only with public connections.
    public var accessibleBy: [Reference]?
    /// Whether Notion gathers events of this type; nil where it does not say.
    public var aggregated: Bool?
    /// What exactly changed, as far as Notion says.
    public var changes: Changes
    /// Notion's own `data` in JSON, byte by byte; nil if there was none.
    public var data: [UInt8]?
    /// Members of the delivery that event v1 has no place for: a JSON object, nil if there were none.
    public var unknown: [UInt8]?

    /// An event with what every event has; the rest can be set.
    public init(id: String, type: String, entity: Reference) {
        self.id = id
        self.type = type
        self.entity = entity
        workspace = Workspace()
        authors = []
        changes = Changes()
    }

    /// A workspace's id and name.
    public struct Workspace: Sendable, Equatable {
        /// Canonical, if it is a UUID.
        public var id: String?
        /// What people typed.
        public var name: String?

        /// A workspace; what is not known stays nil.
        public init(id: String? = nil, name: String? = nil) {
            self.id = id
            self.name = name
        }
    }

    /// The type and id of something.
    public struct Reference: Sendable, Equatable {
        /// `page`, `person` or the like.
        public var type: String?
        /// Canonical, if it is a UUID.
        public var id: String?

        /// A reference; what is not known stays nil.
        public init(type: String? = nil, id: String? = nil) {
            self.type = type
            self.id = id
        }
    }

    /// Where an entity is.
    public struct Parent: Sendable, Equatable {
        /// `data_source`, `page`, `block`, `space` and so on; nil if Notion did not say.
        public var type: String?
        /// Canonical, if it is a UUID.
        public var id: String?
        /// The database that a data source is in; for parents of type `data_source` only.
        public var databaseID: String?

        /// A parent; what is not known stays nil.
        public init(type: String? = nil, id: String? = nil, databaseID: String? = nil) {
            self.type = type
            self.id = id
            self.databaseID = databaseID
        }
    }

    /// What changed. All lists are empty for events that do not say.
    public struct Changes: Sendable, Equatable {
        /// Blocks, pages and databases that were added, changed or removed.
        public var blocks: [Reference] = []
        /// Properties of a page, or columns of a data source.
        public var properties: [Property] = []
        /// A view's fields: `name`, `filter`, `sorts`, `configuration`.
        public var fields: [String] = []

        /// Changes of which nothing is known.
        public init() {}
    }

    /// A property that changed.
    public struct Property: Sendable, Equatable {
        /// The property's id without percent-encoding; to be encoded once in a URL.
        public var id: String
        /// The column's name; only for columns, and nil for a deleted one.
        public var name: String?
        /// `created`, `updated` or `deleted`; only for columns.
        public var action: String?

        /// A property; name and action are for columns only.
        public init(id: String, name: String? = nil, action: String? = nil) {
            self.id = id
            self.name = name
            self.action = action
        }
    }
}

extension Event {
    /// Decodes a record's value, in either ``ContentMode``: an object with the member `specversion`, which event v1
    /// never has, is a CloudEvent, and its `data` is the event.
    ///
    /// Members that event v1 does not have are ignored, so that a later version can add some. Of the others only `id`,
    /// `type` and `entity.id` are required; null counts as absent.
    ///
    /// - Parameter value: the record's value.
    /// - Throws: ``EventError``, whatever the bytes are; never traps.
    public init(value: Span<UInt8>) throws(EventError) {
        let outer = try EventDecoder.decode(value)
        if outer.isEnvelope {
            guard let data = outer.event.data else { throw .missing("data") }
            self = try EventDecoder.decode(data.span).checked()
        } else {
            self = try outer.checked()
        }
        if id.isEmpty { throw .missing("id") }
        if type.isEmpty { throw .missing("type") }
        if entity.id?.isEmpty ?? true { throw .missing("entity.id") }
    }
}

/// Why bytes are not event v1.
public enum EventError: Error, Sendable, Equatable {
    /// A string in the value is not UTF-8.
    case invalidUTF8
    /// The value is not JSON (RFC 8259).
    case notJSON
    /// The value is JSON, but not an object.
    case notAnObject
    /// Objects and arrays are nested more than 514 deep: a delivery may have 512, and the event adds at most two.
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
        case .tooDeep: "the value is nested more than 514 deep"
        case .duplicateKey: "a member of event v1 occurs twice in its object"
        case .missing(let name): "\(name) is missing"
        case .wrongType(let name): "\(name) is not of the type that event v1 says"
        }
    }
}
