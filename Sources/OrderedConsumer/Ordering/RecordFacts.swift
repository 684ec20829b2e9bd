import Kafka
import Timestamps

/// What the order of things needs to know of a record: read once, from the headers of CloudEvents' Kafka binding.
struct RecordFacts: Sendable {
    /// The event's id, exact.
    private(set) var id: KeyBytes?
    /// When the event occurred, in milliseconds since 1970.
    private(set) var occurredAt: Int64?
    /// What `redrive` wrote beside it.
    private(set) var mark: RedriveMark?

    init(_ record: Record) {
        var isMarked = false
        for header in record.headers {
            switch header.name {
            // CloudEvents has no empty ids: a producer that leaves them empty has none.
            case "ce_id": id = header.value.flatMap { $0.isEmpty ? nil : KeyBytes($0) }
            case "ce_time":
                occurredAt = header.value.flatMap { Timestamp.milliseconds(String(decoding: $0, as: UTF8.self)) }
            case "relay-redrive-group": isMarked = true
            default: break
            }
        }
        if isMarked { mark = RedriveMark(record: record) }
    }

    var idText: String? { id.flatMap { String(validating: $0.bytes, as: UTF8.self) } }
}
