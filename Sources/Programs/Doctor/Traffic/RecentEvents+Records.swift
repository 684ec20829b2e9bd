import Kafka
import NotionEvents
import NotionWebhooks

extension RecentEvents {
    /// What can be asked for at Notion's API.
    private static let kinds: Set<String> = ["page", "database", "data_source"]

    /// The newest of each kind by `ce_subject`, which is `page/<id>`; what was deleted is no evidence for anything.
    init(_ records: [Record]) {
        self.init()
        var newest: [String: (id: String, at: Int64)] = [:]
        for record in records {
            guard let time = record.timestampMilliseconds else { continue }
            newestAt = max(newestAt ?? time, time)
            guard let subject = Self.text(record.header("ce_subject")), let type = Self.text(record.header("ce_type")),
                !type.hasSuffix(".deleted")
            else { continue }
            let parts = subject.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, Self.kinds.contains(parts[0]), Self.isID(parts[1]) else { continue }
            if time >= newest[parts[0]]?.at ?? .min { newest[parts[0]] = (parts[1], time) }
        }
        entities = newest.sorted { $0.key < $1.key }.map { Entity(kind: $0.key, id: $0.value.id) }
    }

    private static func text(_ bytes: [UInt8]?) -> String? {
        guard let bytes, bytes.count <= 256 else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// It becomes a part of an address, so nothing but a UUID will do.
    private static func isID(_ text: String) -> Bool {
        text.utf8.count == 36
            && text.utf8.enumerated().allSatisfy { index, byte in
                switch index {
                case 8, 13, 18, 23: byte == UInt8(ascii: "-")
                default: (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
                }
            }
    }
}

extension DeadLetters {
    /// `records` are the newest ones.
    init(count: Int, records: [Record]) {
        var tally: [String: Int] = [:]
        for record in records {
            guard let bytes = record.header(DeadLetterRecord.reasonHeader), bytes.count <= 64,
                let text = String(validating: bytes, as: UTF8.self), DeliveryError(rawValue: text) != nil
            else { continue }
            tally[text, default: 0] += 1
        }
        self.init(count: count, reasons: tally.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key))
    }
}
