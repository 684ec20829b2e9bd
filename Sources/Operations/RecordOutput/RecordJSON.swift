internal import Foundation
package import Kafka
internal import TextOutput

/// Bytes are text; what is not UTF-8 becomes `{"base64": …}`. A header that repeats has a list of its values.
package struct RecordJSON: Sendable {
    private let encoder: JSONEncoder

    /// What a terminal would obey, or not show, is escaped; JSON itself requires that only below 0x20.
    package init() {
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    /// Without a line feed.
    package func write(_ record: borrowing Record, to buffer: inout [UInt8]) {
        guard let data = try? encoder.encode(RecordObject(record)) else {
            preconditionFailure("Texts, lists and whole numbers can always be written as JSON.")
        }
        buffer.append(contentsOf: JSONEscape.safe(Array(data)))
    }
}

private struct RecordObject: Encodable {
    enum Bytes: Encodable {
        case text(String)
        case base64(String)
        case null
        case list([Bytes])

        init(_ bytes: [UInt8]?) {
            self =
                if let bytes {
                    String(validating: bytes, as: UTF8.self).map { .text($0) }
                        ?? .base64(Data(bytes).base64EncodedString())
                } else { .null }
        }

        func encode(to encoder: any Encoder) throws {
            var single = encoder.singleValueContainer()
            switch self {
            case .text(let text): try single.encode(text)
            case .base64(let text): try single.encode(["base64": text])
            case .null: try single.encodeNil()
            case .list(let items): try single.encode(items)
            }
        }
    }

    let topic: String
    let partition: Int32?
    let offset: Int64?
    let timestamp: Int64?
    let key: Bytes
    let headers: [String: Bytes]
    let value: Bytes

    init(_ record: borrowing Record) {
        topic = record.topic
        partition = record.partition
        offset = record.offset
        timestamp = record.timestampMilliseconds
        key = Bytes(record.key)
        value = Bytes(record.value)
        headers = Dictionary(grouping: record.headers, by: \.name).mapValues { headers in
            headers.count == 1 ? Bytes(headers[0].value) : .list(headers.map { Bytes($0.value) })
        }
    }
}
