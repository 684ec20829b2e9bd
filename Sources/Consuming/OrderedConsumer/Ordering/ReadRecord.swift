import Kafka
import Timestamps

/// A record and what was parsed from it, once. A class: it is passed on many times and between threads, and a copy of a
/// record is five references, of which all records share the topic's name.
final class ReadRecord: Sendable {
    let record: Record
    let facts: RecordFacts
    /// Where it was read.
    let offset: Int64
    /// Of key, value and headers' values.
    let bytes: Int

    /// With `topic`, it was read from the group's redrive topic, and stands for the record at its first place in that
    /// topic.
    init(_ record: consuming Record, redrivenTo topic: String? = nil) {
        facts = RecordFacts(record)
        offset = record.offset ?? 0
        bytes = (record.key?.count ?? 0) + (record.value?.count ?? 0) + facts.headerBytes
        if let topic, let origin = facts.mark?.origin {
            (record.topic, record.partition, record.offset) = (topic, origin.partition, origin.offset)
        }
        self.record = record
    }

    /// In their order. Records that have no other owner are moved, not copied.
    static func all(_ records: consuming [Record], redrivenTo topic: String? = nil) -> [ReadRecord] {
        var all: [ReadRecord] = []
        all.reserveCapacity(records.count)
        while let last = records.popLast() { all.append(ReadRecord(last, redrivenTo: topic)) }
        all.reverse()
        return all
    }
}

struct RecordFacts: Sendable {
    let key: KeyBytes?
    let id: KeyBytes?
    /// When the event occurred, in milliseconds since 1970.
    let occurredAt: Int64?
    /// What `redrive` added.
    private(set) var mark: RedriveMark?
    private(set) var replayID: [UInt8]?
    /// Of the headers' values.
    let headerBytes: Int

    init(_ record: borrowing Record) {
        var (isMarked, isReplayed) = (false, false)
        var (id, time, bytes) = (KeyBytes?.none, Int64?.none, 0)
        record.forEachHeader { name, value in
            guard let value else { return }
            bytes += value.count
            switch name {
            case "ce_id":
                // CloudEvents has no empty ids: a producer that leaves them empty has none.
                id = value.isEmpty ? nil : KeyBytes(value.copied)
            case "ce_time": time = Timestamp.milliseconds(value.copied)
            case ReplayMark.Name.id: isReplayed = true
            case RedriveMark.Name.group: isMarked = true
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

    /// With the replay's id, since a replay sends on purpose what came before; how often it did does not matter.
    var uniqueID: KeyBytes? {
        guard let replayID, let id else { return id }
        // With the length in front, which is at most 128, so that the two cannot run together.
        return KeyBytes([UInt8(replayID.count)] + replayID + id.bytes, isMade: true)
    }

    var idText: String? { id.flatMap { String(validating: $0.bytes, as: UTF8.self) } }
}

/// A dictionary's key: exact bytes with their hash, so that a table that grows need not hash them again.
struct KeyBytes: Hashable, Sendable {
    let bytes: [UInt8]
    /// For a record without a key or with a replayed id: equal to nothing that came in a record, whatever its bytes.
    let isMade: Bool
    private let digest: UInt64

    /// Unknown outside this process, so that nobody can choose colliding keys.
    private static let secret = UInt64.random(in: .min ... .max)

    init(_ bytes: [UInt8], isMade: Bool = false) {
        self.bytes = bytes
        self.isMade = isMade
        let secret = Self.secret
        var digest = secret ^ UInt64(truncatingIfNeeded: bytes.count)
        var word: UInt64 = 0
        var inWord = 0
        for byte in bytes {
            word = word &<< 8 | UInt64(byte)
            inWord &+= 1
            if inWord == 8 {
                digest = Self.mix(digest ^ word, secret)
                (word, inWord) = (0, 0)
            }
        }
        self.digest = inWord == 0 ? digest : Self.mix(digest ^ word, secret)
    }

    /// Folds the wide product, so that each bit of the number affects each bit of the result.
    private static func mix(_ number: UInt64, _ secret: UInt64) -> UInt64 {
        let product = number.multipliedFullWidth(by: secret | 1)
        return product.high ^ product.low ^ (number &>> 29)
    }

    static func == (left: Self, right: Self) -> Bool {
        left.digest == right.digest && left.bytes == right.bytes && left.isMade == right.isMade
    }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
