import Foundation
import NotionEvents
import NotionWebhooks

/// What a record held after it was filled, for tests to look at.
struct FilledRecord: Equatable {
    var key: String
    var value: [UInt8]
    var eventID: String
    var typeIndex: Int
    var headers: [String: String]
    var headerCount: Int

    var text: String { String(decoding: value, as: UTF8.self) }

    /// Everything in front of Notion's own `data`.
    var ownPart: String { text.components(separatedBy: #"]},"data":"#).first ?? "" }

    static let receivedAt: Int64 = 1_790_000_000_123
    static let trace = TraceContext(random: InlineArray<24, UInt8> { UInt8($0 + 1) })

    init(_ body: [UInt8], key: KeyStrategy = .entity, mode: ContentMode = .binary) throws(DeliveryError) {
        var record = EventRecord(mode: mode)
        try self.init(body, key: key, in: &record)
    }

    init(_ body: String, key: KeyStrategy = .entity) throws(DeliveryError) {
        try self.init(Array(body.utf8), key: key)
    }

    init(_ body: [UInt8], key: KeyStrategy = .entity, in record: inout EventRecord) throws(DeliveryError) {
        let delivery = try Delivery(decoding: body.span)
        record.fill(from: delivery, key: key, receivedAtMilliseconds: Self.receivedAt, traceparent: Self.trace)
        self.key = String(Self.bytes(record.key))
        value = Self.bytes(record.value)
        eventID = String(Self.bytes(record.eventID))
        typeIndex = record.typeIndex
        headerCount = record.headerCount
        headers = [:]
        for index in 0..<record.headerCount {
            headers[String(Self.bytes(record.headerName(index)))] = String(Self.bytes(record.headerValue(index)))
        }
    }

    static func bytes(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }
}

extension String {
    init(_ bytes: [UInt8]) {
        self.init(decoding: bytes, as: UTF8.self)
    }
}

extension Event {
    init(_ bytes: [UInt8]) throws(EventError) {
        try self.init(value: bytes.span)
    }
}

/// Bytes as text, nil for none.
func text(_ bytes: [UInt8]?) -> String? {
    bytes.map { String(decoding: $0, as: UTF8.self) }
}
