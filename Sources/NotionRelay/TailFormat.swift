import Foundation
import Kafka
import Operations
import Timestamps

/// How `tail` writes a record: a line of aligned columns for people, or a JSON object for programs.
enum TailFormat: String {
    case table
    case json

    static let heading = columns("PARTITION", "OFFSET", "TIME", "TYPE", "KEY", "ID")

    func line(_ record: Record) -> String {
        switch self {
        case .table: Self.row(record)
        case .json: Self.object(record)
        }
    }

    private static func row(_ record: Record) -> String {
        columns(
            String(record.partition ?? -1),
            String(record.offset ?? -1),
            Timestamp.text(milliseconds: record.timestampMilliseconds ?? 0),
            printable(header("ce_type", of: record) ?? header("relay-dead-letter-reason", of: record)),
            printable(record.key),
            printable(header("ce_id", of: record))
        )
    }

    private static func columns(_ cells: String...) -> String {
        let widths = [9, 9, 24, 34, 36, 0]
        return zip(cells, widths).map { cell, width in
            cell + String(repeating: " ", count: max(0, width - cell.count))
        }.joined(separator: "  ")
    }

    private static func header(_ name: String, of record: Record) -> [UInt8]? {
        record.headers.last { $0.name == name }?.value
    }

    /// Topic bytes are a stranger's: control characters must not reach the terminal.
    private static func printable(_ bytes: [UInt8]?) -> String {
        guard let bytes else { return "-" }
        return String(
            String(decoding: bytes, as: UTF8.self).map { $0.isASCII && ($0 < " " || $0 == "\u{7f}") ? "·" : $0 }
        )
    }

    private static func object(_ record: Record) -> String {
        let object = TailObject(record)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(object) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}

/// One record as `tail --format json` writes it. Bytes are given as the text that they are; what is not UTF-8 becomes
/// `{"base64": …}`. A header that repeats has a list of its values.
struct TailObject: Encodable {
    enum Bytes: Encodable {
        case text(String)
        case base64(String)
        case null
        case list([Bytes])

        init(_ bytes: [UInt8]?) {
            guard let bytes else {
                self = .null
                return
            }
            if let text = String(validating: bytes, as: UTF8.self) {
                self = .text(text)
            } else {
                self = .base64(Data(bytes).base64EncodedString())
            }
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

    init(_ record: Record) {
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
