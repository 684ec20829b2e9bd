package import Kafka
import Timestamps

package struct ReadingTally: Sendable {
    package private(set) var read = 0
    package private(set) var shown = 0
    private var newest: Int64?

    private let partitions: Int
    /// The offset after the last record that came from a partition.
    private var next: [Int32: Int64] = [:]
    private var ends: [Int32: Int64] = [:]

    /// How much had been read when the last line was written, for the rate since then.
    private var mark = (read: 0, elapsed: Duration.zero)

    package init(partitions: Int) { self.partitions = partitions }

    package mutating func add(_ record: borrowing Record, isShown: Bool) {
        read += 1
        if isShown { shown += 1 }
        if let partition = record.partition, let offset = record.offset { next[partition] = offset + 1 }
        if let time = record.timestampMilliseconds { newest = max(newest ?? time, time) }
    }

    package mutating func add(_ end: ConsumerBatch.PartitionEnd) { add(endOf: end.partition, at: end.offset) }

    mutating func add(endOf partition: Int32, at offset: Int64) { ends[partition] = offset }

    package var wasAtAllEnds: Bool { ends.count >= partitions }

    /// Offsets before an end may have no record, so the end's own offset counts.
    var partitionsAtEnd: Int { ends.count { $0.value >= next[$0.key, default: 0] } }

    package mutating func status(elapsed: Duration, nowMilliseconds: Int64) -> String {
        let rate = Self.rate(read - mark.read, elapsed - mark.elapsed)
        mark = (read, elapsed)
        let age =
            newest.map { "newest \(Self.age(Timestamp.elapsed(from: $0, to: nowMilliseconds))) old" } ?? "nothing yet"
        let ends = "\(partitionsAtEnd) of \(partitions) partitions at their end"
        return "read \(read), shown \(shown), \(rate), \(age), \(ends)"
    }

    package func summary(elapsed: Duration) -> String {
        let tenths = Int(elapsed / .milliseconds(100))
        let time = "\(tenths / 10).\(tenths % 10) s (\(Self.rate(read, elapsed)))"
        return "read \(read) records, showed \(shown), in \(time), partitions: \(partitions)"
    }

    private static func rate(_ count: Int, _ time: Duration) -> String {
        guard time > .zero else { return "0/s" }
        return "\(Int(Double(count) / (time / .seconds(1))))/s"
    }

    /// In a unit that keeps the number small; the clock may run behind the brokers'.
    private static func age(_ milliseconds: Int64) -> String {
        switch max(0, milliseconds / 1000) {
        case let seconds where seconds < 120: "\(seconds) s"
        case let seconds where seconds < 7200: "\(seconds / 60) min"
        case let seconds where seconds < 172_800: "\(seconds / 3600) h"
        case let seconds: "\(seconds / 86_400) days"
        }
    }
}
