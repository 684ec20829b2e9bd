import TextOutput

package struct ReplayProgress: Sendable, Equatable, Encodable {
    package struct Partition: Sendable, Equatable, Encodable {
        package let partition: Int32
        package let first: Int64
        package let end: Int64
        /// Everything before this offset has been read and handed on.
        package let next: Int64
        package let state: State

        package var share: Double { end > first ? Double(next - first) / Double(end - first) : 1 }

        private enum CodingKeys: String, CodingKey {
            case partition, next, end, state
        }
    }

    package enum State: String, Sendable, Encodable {
        case reading, awaited, done
    }

    package internal(set) var offsets: Int64 = 0
    package internal(set) var offsetsMax: Int64 = 0
    package internal(set) var counts: ReplayCounts
    package internal(set) var waiting: Int
    package internal(set) var rate = 0.0
    package internal(set) var secondsLeft: Double?
    package internal(set) var partitions: [Partition] = []

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

    package var json: String { SortedJSON.text(self, inSnakeCase: true) }

    private enum CodingKeys: String, CodingKey {
        case step, offsets, of, matched, sent, failed, waiting, rate, partitions, secondsLeft
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("replay", forKey: .step)
        try container.encode(offsets, forKey: .offsets)
        try container.encode(offsetsMax, forKey: .of)
        try container.encode(counts.matched, forKey: .matched)
        try container.encode(counts.sent, forKey: .sent)
        try container.encode(counts.failed, forKey: .failed)
        try container.encode(waiting, forKey: .waiting)
        try container.encode(Int(rate.rounded()), forKey: .rate)
        try container.encodeIfPresent(secondsLeft.map { Int(min($0, 1e9).rounded()) }, forKey: .secondsLeft)
        try container.encode(partitions, forKey: .partitions)
    }
}

/// When progress and checkpoints are due, and the rate in between. Pure: it is told what time it is.
struct ProgressTimer {
    private static let interval = Duration.milliseconds(500)
    /// How long something is waited for before a notice says so, and how often it is repeated.
    static let noticeInterval = Duration.seconds(10)

    private let start: ContinuousClock.Instant
    private let startOffsets: Int64
    private var next: ContinuousClock.Instant
    private var last: (moment: ContinuousClock.Instant, sent: Int)
    private var noticedAt: ContinuousClock.Instant?

    init(now: ContinuousClock.Instant, offsets: Int64) {
        start = now
        startOffsets = offsets
        next = now
        last = (now, 0)
    }

    mutating func isDue(_ now: ContinuousClock.Instant) -> Bool {
        guard now >= next else { return false }
        next = now + Self.interval
        return true
    }

    mutating func measured(_ progress: ReplayProgress, _ now: ContinuousClock.Instant) -> ReplayProgress {
        var progress = progress
        let sinceLast = (now - last.moment) / .seconds(1)
        if sinceLast > 0 {
            progress.rate = Double(progress.counts.sent - last.sent) / sinceLast
            last = (now, progress.counts.sent)
        }
        let elapsed = (now - start) / .seconds(1)
        let done = progress.offsets - startOffsets
        if done > 0, elapsed > 0 {
            progress.secondsLeft = Double(progress.offsetsMax - progress.offsets) * elapsed / Double(done)
        }
        return progress
    }

    mutating func isNoticeDue(_ now: ContinuousClock.Instant) -> Bool {
        if let noticedAt, now - noticedAt < Self.noticeInterval { return false }
        noticedAt = now
        return true
    }
}
