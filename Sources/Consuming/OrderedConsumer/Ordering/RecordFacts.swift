import Kafka
import Timestamps

/// What the order of things needs to know of a record: read once, from the headers of CloudEvents' Kafka binding.
struct RecordFacts: Sendable {
    /// The record's key, exact.
    let key: KeyBytes?
    /// The event's id, exact.
    let id: KeyBytes?
    /// When the event occurred, in milliseconds since 1970.
    let occurredAt: Int64?
    /// What `redrive` wrote beside it.
    private(set) var mark: RedriveMark?
    /// The id of the replay that sent it, if one did.
    private(set) var replayID: [UInt8]?
    /// Of the headers' values.
    let headerBytes: Int

    private static let idName = Array("ce_id".utf8)
    private static let timeName = Array("ce_time".utf8)
    private static let markName = Array(RedriveMark.Name.group.utf8)
    private static let replayName = Array(ReplayMark.Name.id.utf8)

    init(_ record: borrowing Record) {
        var (isMarked, isReplayed) = (false, false)
        var (id, time, bytes) = (KeyBytes?.none, Int64?.none, 0)
        record.forEachHeader { name, value in
            guard let value else { return }
            bytes += value.count
            // Lengths are compared first, which decides most.
            switch name.count {
            case 5 where name.isEqual(to: Self.idName.span):
                // CloudEvents has no empty ids: a producer that leaves them empty has none.
                id = value.isEmpty ? nil : KeyBytes(value.copied)
            case 7 where name.isEqual(to: Self.timeName.span): time = Timestamp.milliseconds(value.copied)
            case 15 where name.isEqual(to: Self.replayName.span): isReplayed = true
            case 19 where name.isEqual(to: Self.markName.span): isMarked = true
            default: break
            }
        }
        key = record.key.map { KeyBytes($0) }
        self.id = id
        occurredAt = time
        headerBytes = bytes
        if isMarked { mark = RedriveMark(record: copy record) }
        if isReplayed { replayID = ReplayMark(record: copy record).map { Array($0.id.utf8) } }
    }

    /// What tells the record from others: the event's id, and with it the replay's, since a replay sends again on
    /// purpose what came before. How often a record has been replayed says nothing of this.
    var uniqueID: KeyBytes? {
        guard let replayID, let id else { return id }
        // With the length in front, which is at most 128, so that the two cannot run together.
        return KeyBytes([UInt8(replayID.count)] + replayID + id.bytes, isMade: true)
    }

    var idText: String? { id.flatMap { String(validating: $0.bytes, as: UTF8.self) } }
}
