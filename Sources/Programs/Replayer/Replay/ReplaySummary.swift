import OrderedConsumer
import TextOutput

/// What a replay did. The names, in snake case, are those of its JSON.
package struct ReplaySummary: Sendable, Equatable, Encodable {
    package struct Partition: Sendable, Equatable, Encodable {
        package let partition: Int32
        /// The window: its first offset, and the one after its last.
        package let windowFirst: Int64
        package let windowEnd: Int64
        /// The first and the last record that were sent; nil if none was.
        package internal(set) var firstSent: Int64?
        package internal(set) var lastSent: Int64?
        /// Everything before this offset is done.
        package internal(set) var next: Int64
    }

    package enum End: String, Sendable, Encodable {
        case done, interrupted, broken
    }

    package let replay: String
    package let topic: String
    package let target: String
    package let isDryRun: Bool
    /// This run's, and those of the earlier runs that it resumed.
    package internal(set) var counts = ReplayCounts()
    package internal(set) var countsBefore = ReplayCounts()
    package internal(set) var seconds = 0.0
    package internal(set) var partitions: [Partition] = []
    package internal(set) var end = End.done
    package internal(set) var reason: String?
    /// For each partition, the last offset that had no record because the next one was further on.
    var gaps: [Int32: Int64] = [:]
    /// Offered and not settled: a resumed replay sends them again.
    package internal(set) var unsettled = 0

    mutating func note(_ offset: Int64, of partition: Int32) {
        // Partitions are counted from 0 and seldom left out.
        var index = min(Int(partition), partitions.count - 1)
        if index < 0 || partitions[index].partition != partition {
            guard let found = partitions.firstIndex(where: { $0.partition == partition }) else { return }
            index = found
        }
        partitions[index].firstSent = partitions[index].firstSent ?? offset
        partitions[index].lastSent = offset
    }

    package var isOK: Bool { end == .done && counts.failed == 0 }

    /// What is left, as the flag `--offsets` takes it; empty when nothing is.
    package var rest: [OffsetRange] {
        partitions.filter { $0.next < $0.windowEnd }
            .map { OffsetRange(partition: $0.partition, first: $0.next, last: $0.windowEnd - 1) }
    }

    private enum CodingKeys: String, CodingKey {
        case replay, topic, target, dryRun, sentBefore, unsettled, seconds, recordsPerSecond, partitions, end, reason
    }

    package func encode(to encoder: any Encoder) throws {
        // The counts are members of the same object.
        try counts.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(replay, forKey: .replay)
        try container.encode(topic, forKey: .topic)
        try container.encode(target, forKey: .target)
        try container.encode(isDryRun, forKey: .dryRun)
        try container.encode(countsBefore.sent, forKey: .sentBefore)
        try container.encode(unsettled, forKey: .unsettled)
        try container.encode((seconds * 1000).rounded() / 1000, forKey: .seconds)
        try container.encode(recordsPerSecond.rounded(), forKey: .recordsPerSecond)
        try container.encode(partitions, forKey: .partitions)
        try container.encode(end, forKey: .end)
        try container.encode(reason, forKey: .reason)
    }

    package var recordsPerSecond: Double { seconds > 0 ? Double(counts.sent) / seconds : 0 }

    package var json: String { SortedJSON.text(self, inSnakeCase: true) }

    package var lines: [String] {
        let verb = isDryRun ? "would be sent" : "sent"
        var lines = [
            "replay \(replay) of \(topic) to \(target): \(counts.matched) of \(counts.read) records matched, "
                + "\(verb): \(counts.sent)"
        ]
        if countsBefore.sent > 0 { lines.append("  sent by earlier runs of it: \(countsBefore.sent)") }
        let others: [(String, Int)] = [
            ("refused by the target for good, see above", counts.failed),
            ("outside the window's times", counts.outside), ("not selected by the filter", counts.filtered),
            ("replayed too often already, see --max-replays", counts.looped),
            ("copies from a group's redrive; the records themselves stand before them", counts.redriven),
        ]
        for (why, count) in others where count > 0 { lines.append("  \(why): \(count)") }
        for (word, count) in counts.unreadable.sorted(by: { $0.key < $1.key }) {
            lines.append("  cannot be published, \(word): \(count)")
        }
        for partition in partitions {
            guard let first = partition.firstSent, let last = partition.lastSent else { continue }
            lines.append("  partition \(partition.partition): \(verb) from offset \(first) to \(last)")
        }
        let rate = recordsPerSecond.rounded()
        lines.append("  \((seconds * 10).rounded() / 10) s, \(rate < 1e15 ? Int(rate) : 0) records a second")
        if unsettled > 0 { lines.append("  sent but not acknowledged, so sent again when resumed: \(unsettled)") }
        if end != .done {
            lines.append("stopped: \(reason ?? "as asked")")
            for range in rest { lines.append("  partition \(range.partition): left from offset \(range.first)") }
        }
        return lines
    }
}

/// What became of the records that were read. The names, in snake case, are those of summaries and checkpoints.
package struct ReplayCounts: Sendable, Equatable, Codable {
    package var read = 0
    package var matched = 0
    package var sent = 0
    package var failed = 0
    package var outside = 0
    /// Why others were left out. Redriven ones are in the topic twice.
    package var filtered = 0
    package var looped = 0
    package var redriven = 0
    package var unreadable: [String: Int] = [:]

    private static var paths: [WritableKeyPath<ReplayCounts, Int>] {
        [\.read, \.matched, \.sent, \.failed, \.outside, \.filtered, \.looped, \.redriven]
    }

    var all: [Int] { Self.paths.map { self[keyPath: $0] } + Array(unreadable.values) }

    package static func + (left: ReplayCounts, right: ReplayCounts) -> ReplayCounts {
        var sum = left
        for count in paths { sum[keyPath: count] += right[keyPath: count] }
        sum.unreadable.merge(right.unreadable) { $0 + $1 }
        return sum
    }
}
