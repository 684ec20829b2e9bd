/// What an event can be about (SPEC.md section 1.4), spelled as in `entity.type`.
package enum EntityKind: String, CaseIterable, Sendable {
    case page, block, database, comment, view
    case dataSource = "data_source"
    case fileUpload = "file_upload"
}

/// What stands in an event's `data` (SPEC.md section 1.5).
enum DataShape: Sendable {
    case parent, blocks, propertyIDs, schema, transcript, comment, viewType, viewFields, absent, importResult
}

/// One type of event, how often it comes among the events of its kind of entity, and its shape.
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
    /// The events of such an entity. Containers tell of rows and columns themselves only to subscriptions of
    /// 2022-06-28; newer ones hear it from the data source.
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
