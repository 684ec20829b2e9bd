import Kafka

/// A record and what was read out of it, once. An object: it is handed on many times and between threads, and a copy of
/// a record is five references, of which all records share the topic's name.
final class ReadRecord: Sendable {
    let record: Record
    let facts: RecordFacts
    /// Of key, value and headers' values.
    let bytes: Int

    init(_ record: consuming Record) {
        self.record = record
        facts = RecordFacts(self.record)
        bytes = (self.record.key?.count ?? 0) + (self.record.value?.count ?? 0) + facts.headerBytes
    }

    /// In their order. What nobody else holds is moved, not copied.
    static func all(_ records: consuming [Record]) -> [ReadRecord] {
        var all: [ReadRecord] = []
        all.reserveCapacity(records.count)
        while let last = records.popLast() { all.append(ReadRecord(last)) }
        all.reverse()
        return all
    }
}
