/// The constant parts of a record.
struct EventWords: Sendable {
    let id = Array("{\"id\":".utf8)
    let type = Array(",\"type\":".utf8)
    let occurredAt = Array(",\"occurred_at\":".utf8)
    let attempt = Array(",\"attempt\":".utf8)
    let apiVersion = Array(",\"api_version\":".utf8)
    let workspace = Array(",\"workspace\":{\"id\":".utf8)
    let name = Array(",\"name\":".utf8)
    let subscriptionID = Array("},\"subscription_id\":".utf8)
    let integrationID = Array(",\"integration_id\":".utf8)
    let entity = Array(",\"entity\":{\"type\":".utf8)
    let nestedID = Array(",\"id\":".utf8)
    let parent = Array("},\"parent\":".utf8)
    let nestedType = Array("{\"type\":".utf8)
    let databaseID = Array(",\"database_id\":".utf8)
    let dataSource = Array("{\"type\":\"data_source\"".utf8)
    let pageID = Array(",\"page_id\":".utf8)
    let authors = Array(",\"authors\":[".utf8)
    let accessibleBy = Array("],\"accessible_by\":[".utf8)
    let aggregated = Array("],\"aggregated\":".utf8)
    let blocks = Array(",\"changes\":{\"blocks\":[".utf8)
    let properties = Array("],\"properties\":[".utf8)
    let action = Array(",\"action\":".utf8)
    let fields = Array("],\"fields\":[".utf8)
    let data = Array("]},\"data\":".utf8)
    let unknown = Array(",\"unknown\":{".utf8)
    let unknownType = Array("\"unknown\"".utf8)
    let null = Array("null".utf8)
    let yes = Array("true".utf8)
    let no = Array("false".utf8)

    let specVersion = Array("1.0".utf8)
    let sourceRoot = Array("/notion".utf8)
    let sourceWorkspace = Array("/workspaces/".utf8)
    let sourceSubscription = Array("/subscriptions/".utf8)
    let typePrefix = Array("com.notion.".utf8)
    let unknownTypeName = Array("unknown".utf8)
    let dataSchema = Array(EventRecord.dataSchema.utf8)
    let contentType: [UInt8]

    let quoteAndColon = Array("\":".utf8)
    let dataContentType = Array("\"datacontenttype\":\"application/json\",\"data\":".utf8)

    init(_ mode: ContentMode) {
        contentType =
            switch mode {
            case .binary: Array("application/json".utf8)
            case .structured: Array("application/cloudevents+json; charset=UTF-8".utf8)
            }
    }
}

/// The headers of an event's record: CloudEvents 1.0, Kafka protocol binding; W3C trace context; and extension
/// attributes of our own.
enum HeaderName: Int, CaseIterable {
    case specVersion
    case id
    case source
    case type
    case time
    case subject
    case partitionKey
    case dataSchema
    case contentType
    case traceParent
    case attempt
    case recordedTime
    case verified

    /// The name on the wire.
    var text: String {
        switch self {
        case .specVersion: "ce_specversion"
        case .id: "ce_id"
        case .source: "ce_source"
        case .type: "ce_type"
        case .time: "ce_time"
        case .subject: "ce_subject"
        case .partitionKey: "ce_partitionkey"
        case .dataSchema: "ce_dataschema"
        case .contentType: "content-type"
        case .traceParent: "traceparent"
        case .attempt: "ce_attempt"
        case .recordedTime: "ce_recordedtime"
        case .verified: "ce_verified"
        }
    }

    /// Of `ce_`.
    static let prefixBytes = 3

    /// Whether it is an attribute of the event under the rest of its name.
    var isAttribute: Bool {
        switch self {
        case .contentType, .traceParent: false
        default: true
        }
    }
}

/// All names as bytes, one after the other.
struct HeaderNames: Sendable {
    private(set) var text: [UInt8] = []
    /// In the order of ``HeaderName``'s raw values.
    private(set) var places: [Range<Int>] = []

    init() {
        for name in HeaderName.allCases {
            let start = text.count
            text.append(contentsOf: name.text.utf8)
            places.append(start..<text.count)
        }
    }
}
