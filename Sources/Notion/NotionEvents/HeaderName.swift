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

/// All names as bytes, one behind the other.
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
