import Kafka
import OrderedConsumer
import TextOutput
import Timestamps

/// What traffic is counted by, read once from a record's headers. Each of them may be missing or nonsense.
struct EventHeaders {
    // Limit: Notion's longest type has 29 bytes.
    private static let typeBytesMax = 128
    private static let typePrefix = Array("com.notion.".utf8)

    private(set) var source = EventSource.unknown
    /// Without `com.notion.`.
    private(set) var type = SubscriptionTraffic.other
    /// Milliseconds since 1970.
    private(set) var occurredAt: Int64?
    private(set) var receivedAt: Int64?
    private(set) var isRepeated = false
    private(set) var isUnverified = false
    /// A replay or a redrive sent it.
    private(set) var isReplayed = false

    init(_ record: borrowing Record) {
        var found = (source: [UInt8]?.none, type: [UInt8]?.none, isReplayed: false)
        var (occurred, received) = (Int64?.none, Int64?.none)
        var (isRepeated, isUnverified) = (false, false)
        record.forEachHeader { name, value in
            guard let value else { return }
            switch name {
            case "ce_source": found.source = value.copied
            case "ce_type": found.type = value.copied
            case "ce_time": occurred = Timestamp.milliseconds(value.copied)
            case "ce_recordedtime": received = Timestamp.milliseconds(value.copied)
            case "ce_attempt": isRepeated = Self.isRepeated(value.copied)
            case "ce_verified": isUnverified = "false" ~= value
            case ReplayMark.Name.id, RedriveMark.Name.group: found.isReplayed = true
            default: break
            }
        }
        if let bytes = found.source { source = EventSource(bytes) }
        if let bytes = found.type { type = Self.type(bytes) }
        (occurredAt, receivedAt) = (occurred, received)
        (self.isRepeated, self.isUnverified, isReplayed) = (isRepeated, isUnverified, found.isReplayed)
    }

    /// A number that is no attempt says nothing.
    private static func isRepeated(_ attempt: [UInt8]) -> Bool {
        guard attempt.count <= 18, let number = Int(String(decoding: attempt, as: UTF8.self)) else { return false }
        return number > 1
    }

    private static func type(_ bytes: [UInt8]) -> String {
        guard bytes.starts(with: typePrefix),
            let text = String(validating: bytes.dropFirst(typePrefix.count), as: UTF8.self),
            PlainText.isIdentifier(text, bytesMax: typeBytesMax)
        else { return SubscriptionTraffic.other }
        return text
    }
}
