/// One object of a simulated workspace: kind, id, workspace and parent stay the same over all of its events.
package struct SimulatedEntity: Sendable {
    package let id: SimulatedID
    package let kind: EntityKind
    let subscription: Int
    /// JSON; empty where events of this kind name no parent.
    let parent: [UInt8]
    let pageID: SimulatedID

    /// The first 24 entities cover every kind and every subscription version; more repeat the pattern.
    static let patternCount = pattern.count

    private static let pattern: [(kind: EntityKind, subscription: Int)] = [
        (.page, 0), (.page, 0), (.comment, 0), (.dataSource, 0), (.page, 2), (.database, 2), (.page, 3), (.view, 0),
        (.page, 0), (.fileUpload, 0), (.page, 1), (.database, 0), (.page, 0), (.comment, 1), (.page, 3),
        (.dataSource, 1), (.page, 2), (.block, 0), (.page, 0), (.page, 1), (.view, 3), (.page, 0), (.comment, 2),
        (.dataSource, 3),
    ]

    init(index: Int, seed: UInt64, subscriptions: [SimulatedSubscription]) {
        let (kind, subscription) = Self.pattern[index % Self.pattern.count]
        var random = SeededRandom(seed: seed ^ 0x454E_5449, stream: UInt64(index))
        self.kind = kind
        self.subscription = subscription
        id = SimulatedID(version: 8, using: &random)
        pageID = SimulatedID(version: 8, using: &random)
        parent = Self.parent(of: kind, id: id, page: pageID, in: subscriptions[subscription], using: &random)
    }

    /// Also those that only real deliveries have: rows whose parent has no `type`, data sources under a page.
    static func parent(
        of kind: EntityKind,
        id: SimulatedID,
        page: SimulatedID,
        in subscription: SimulatedSubscription,
        using random: inout SeededRandom
    ) -> [UInt8] {
        let other = SimulatedID(version: 8, using: &random)
        let dataSource = SimulatedID(version: 8, using: &random)
        let draw = random.below(100)
        switch kind {
        case .fileUpload: return []
        case .comment: return draw < 60 ? reference(page, "page") : reference(other, "block")
        case .view: return reference(other, "database")
        case .dataSource: return reference(other, draw < 20 ? "page" : "database")
        case .database, .block:
            return draw < 20 ? reference(subscription.workspaceID, "space") : reference(other, "page")
        case .page: break
        }
        switch draw {
        case 0..<65 where subscription.apiVersion == "2022-06-28": return reference(other, "database")
        case 0..<55: return reference(other, "database", dataSource: dataSource)
        case 55..<65: return reference(other, nil, dataSource: dataSource)
        case 65..<80: return reference(other, "page")
        case 80..<88: return reference(other, "block")
        case 88..<94: return reference(subscription.workspaceID, "space")
        case 94..<98: return reference(other, "team")
        default: return reference(subscription.agent, "agent")
        }
    }

    private static func reference(_ id: SimulatedID, _ type: String?, dataSource: SimulatedID? = nil) -> [UInt8] {
        var text = "{\"id\":\"\(id)\""
        if let type { text += ",\"type\":\"\(type)\"" }
        if let dataSource { text += ",\"data_source_id\":\"\(dataSource)\"" }
        return Array((text + "}").utf8)
    }
}

/// What an event can be about, as in `entity.type`.
package enum EntityKind: String, CaseIterable, Sendable {
    case page, block, database, comment, view
    case dataSource = "data_source"
    case fileUpload = "file_upload"
}

enum DataShape: Sendable {
    case parent, blocks, propertyIDs, schema, transcript, comment, viewType, viewFields, absent, importResult
}

struct EventKind: Sendable {
    let type: String
    let weight: Int
    let shape: DataShape

    init(_ type: String, _ weight: Int, _ shape: DataShape = .parent) {
        self.type = type
        self.weight = weight
        self.shape = shape
    }
}

extension EntityKind {
    /// Databases report changes of rows and columns only to subscriptions of 2022-06-28.
    func events(apiVersion: String) -> [EventKind] {
        switch self {
        case .page: Self.pageEvents
        case .block: [EventKind("database.created", 1)]
        case .database: apiVersion == "2022-06-28" ? Self.legacyDatabaseEvents : Self.databaseEvents
        case .dataSource: Self.dataSourceEvents
        case .comment: Self.commentEvents
        case .view: Self.viewEvents
        case .fileUpload: Self.fileUploadEvents
        }
    }

    private static let pageEvents = [
        EventKind("page.content_updated", 42, .blocks), EventKind("page.properties_updated", 34, .propertyIDs),
        EventKind("page.created", 10), EventKind("page.deleted", 4), EventKind("page.undeleted", 2),
        EventKind("page.moved", 3), EventKind("page.locked", 2), EventKind("page.unlocked", 2),
        EventKind("page.transcription_block.transcript_deleted", 1, .transcript),
    ]
    private static let databaseEvents = [
        EventKind("database.created", 50), EventKind("database.moved", 15), EventKind("database.deleted", 20),
        EventKind("database.undeleted", 15),
    ]
    private static let legacyDatabaseEvents = [
        EventKind("database.content_updated", 50, .blocks), EventKind("database.schema_updated", 20, .schema),
        EventKind("database.created", 10), EventKind("database.moved", 5), EventKind("database.deleted", 10),
        EventKind("database.undeleted", 5),
    ]
    private static let dataSourceEvents = [
        EventKind("data_source.content_updated", 60, .blocks), EventKind("data_source.schema_updated", 20, .schema),
        EventKind("data_source.created", 8), EventKind("data_source.moved", 3), EventKind("data_source.deleted", 5),
        EventKind("data_source.undeleted", 4),
    ]
    private static let commentEvents = [
        EventKind("comment.created", 60, .comment), EventKind("comment.updated", 25, .comment),
        EventKind("comment.deleted", 15, .comment),
    ]
    private static let viewEvents = [
        EventKind("view.created", 30, .viewType), EventKind("view.updated", 55, .viewFields),
        EventKind("view.deleted", 15),
    ]
    private static let fileUploadEvents = [
        EventKind("file_upload.created", 45, .absent), EventKind("file_upload.completed", 45, .absent),
        EventKind("file_upload.expired", 5, .absent), EventKind("file_upload.upload_failed", 5, .importResult),
    ]
}

package struct SimulatedSubscription: Sendable {
    let workspaceID: SimulatedID
    /// As it is between the quotes of a JSON string: names hold whatever people type.
    let workspaceName: String
    let subscriptionID: SimulatedID
    let integrationID: SimulatedID
    package let apiVersion: String
    /// Only events of public connections say who else can read the object.
    let isPublic: Bool
    package let people: [SimulatedID]
    let bot: SimulatedID
    let agent: SimulatedID

    static let count = 4

    /// One subscription for each shape that Notion still sends, and a public connection.
    package static func all(seed: UInt64) -> [SimulatedSubscription] {
        let faces = [
            ("Haven", "2026-03-11", false),
            ("Café Nørd ☕️ \\\"Süd\\\"", "2025-09-03", false),
            ("R&D <Łódź>", "2022-06-28", false),
            ("株式会社ミナト 🚢", "2026-03-11", true),
        ]
        return faces.enumerated().map { index, face in
            var random = SeededRandom(seed: seed ^ 0x5355_4253, stream: UInt64(index))
            return SimulatedSubscription(
                workspaceID: SimulatedID(version: 4, using: &random),
                workspaceName: face.0,
                subscriptionID: SimulatedID(version: 8, using: &random),
                integrationID: SimulatedID(version: 8, using: &random),
                apiVersion: face.1,
                isPublic: face.2,
                people: (0..<8).map { _ in SimulatedID(version: 4, using: &random) },
                bot: SimulatedID(version: 8, using: &random),
                agent: SimulatedID(version: 8, using: &random)
            )
        }
    }
}
