import Kafka
import Timestamps

/// What the order of things needs to know of a record: read once, from the headers of CloudEvents' Kafka binding.
struct RecordFacts: Sendable {
    /// The record's key, exact.
    let key: KeyBytes?
    /// The event's id, exact.
    private(set) var id: KeyBytes?
    /// When the event occurred, in milliseconds since 1970.
    private(set) var occurredAt: Int64?
    /// What `redrive` wrote beside it.
    private(set) var mark: RedriveMark?
    /// Of the headers' values.
    private(set) var headerBytes = 0

    init(_ record: borrowing Record) {
        var isMarked = false
        key = record.key.map { KeyBytes($0) }
        for header in record.headers {
            // Lengths are compared first, which is faster, and decides most.
            headerBytes += header.value?.count ?? 0
            switch (header.name.utf8.count, header.name) {
            // CloudEvents has no empty ids: a producer that leaves them empty has none.
            case (5, "ce_id"): id = header.value.flatMap { $0.isEmpty ? nil : KeyBytes($0) }
            case (7, "ce_time"): occurredAt = header.value.flatMap { Timestamp.milliseconds($0) }
            case (19, "relay-redrive-group"): isMarked = true
            default: break
            }
        }
        if isMarked { mark = RedriveMark(record: copy record) }
    }

    var idText: String? { id.flatMap { String(validating: $0.bytes, as: UTF8.self) } }
}
