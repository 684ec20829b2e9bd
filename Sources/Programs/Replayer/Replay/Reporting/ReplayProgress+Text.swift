import OrderedConsumer
import TextOutput

extension ReplayProgress {
    private static let barWidth = 30

    /// Two lines for a terminal: the whole, and each partition's tenths.
    package var lines: [String] {
        let share = offsetsMax > 0 ? Double(offsets) / Double(offsetsMax) : 1
        let filled = Int(share * Double(Self.barWidth))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: Self.barWidth - filled)
        var line = "replay [\(bar)] \(Int(share * 100)) %  sent \(counts.sent)"
        if counts.failed > 0 { line += "  failed \(counts.failed)" }
        line += "  \(Int(rate.rounded()))/s"
        if let secondsLeft { line += "  \(Self.duration(secondsLeft)) left" }
        let states = partitions.map { partition in
            switch partition.state {
            case .done: "="
            case .awaited: "?"
            case .reading: "\(min(9, Int(partition.share * 10)))"
            }
        }
        return [line, "partitions, tenths (= done, ? awaited): \(states.joined())"]
    }

    private static func duration(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 1e9).rounded())
        if whole < 60 { return "\(whole) s" }
        return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
    }

    /// For programs.
    package var json: String {
        SortedJSON.text(Document(self))
    }

    private struct Document: Encodable {
        struct Partition: Encodable {
            let partition: Int32
            let next: Int64
            let end: Int64
            let state: String
        }

        let step = "replay"
        let offsets: Int64
        let of: Int64
        let matched: Int
        let sent: Int
        let failed: Int
        let waiting: Int
        let rate: Int
        let secondsLeft: Int?
        let partitions: [Partition]

        private enum CodingKeys: String, CodingKey {
            case step, offsets, of, matched, sent, failed, waiting, rate, partitions
            case secondsLeft = "seconds_left"
        }

        init(_ progress: ReplayProgress) {
            offsets = progress.offsets
            of = progress.offsetsMax
            matched = progress.counts.matched
            sent = progress.counts.sent
            failed = progress.counts.failed
            waiting = progress.waiting
            rate = Int(progress.rate.rounded())
            secondsLeft = progress.secondsLeft.map { Int(min($0, 1e9).rounded()) }
            partitions = progress.partitions.map {
                Partition(partition: $0.partition, next: $0.next, end: $0.end, state: $0.state.rawValue)
            }
        }
    }
}
