import OrderedConsumer
import TextOutput
import Timestamps

package struct ReplayPlan: Sendable {
    /// The id that its records carry: the name, or one made for this run.
    package let id: String
    package let request: ReplayRequest
    package let window: ReplayWindow
    package let next: [Int32: Int64]
    package internal(set) var notices: [String]
    let countsBefore: ReplayCounts
    let known: CheckpointTopic.Known?

    package init(id: String, request: ReplayRequest, window: ReplayWindow, notices: [String] = []) {
        self.id = id
        self.request = request
        self.window = window
        self.notices = notices
        next = Dictionary(uniqueKeysWithValues: window.stretches.map { ($0.partition, $0.first) })
        countsBefore = ReplayCounts()
        known = nil
    }

    package init(resuming known: CheckpointTopic.Known) {
        let checkpoint = known.checkpoint
        self.known = known
        id = checkpoint.name
        request = checkpoint.request
        window = checkpoint.window
        next = Dictionary(uniqueKeysWithValues: checkpoint.partitions.map { ($0.partition, $0.next) })
        countsBefore = checkpoint.counts
        notices = ["resuming the replay \(id), begun \(Timestamp.text(milliseconds: checkpoint.startedAt))"]
    }

    package var left: Int64 { window.stretches.reduce(0) { $0 + max(0, $1.end - (next[$1.partition] ?? $1.first)) } }

    func checkpoint(run: String, now: Int64) -> ReplayCheckpoint {
        ReplayCheckpoint(
            name: id,
            run: run,
            state: .running,
            startedAt: known?.checkpoint.startedAt ?? now,
            updatedAt: now,
            request: request,
            partitions: window.stretches.map { stretch in
                ReplayCheckpoint.Partition(
                    partition: stretch.partition,
                    first: stretch.first,
                    end: max(stretch.first, stretch.end),
                    next: next[stretch.partition] ?? stretch.first
                )
            },
            counts: countsBefore
        )
    }

    func summary(isDryRun: Bool) -> ReplaySummary {
        var summary = ReplaySummary(replay: id, topic: request.topic, target: "\(request.target)", isDryRun: isDryRun)
        summary.countsBefore = countsBefore
        summary.partitions = window.stretches.map { stretch in
            ReplaySummary.Partition(
                partition: stretch.partition,
                windowFirst: stretch.first,
                windowEnd: max(stretch.first, stretch.end),
                next: next[stretch.partition] ?? stretch.first
            )
        }
        return summary
    }

    package var lines: [String] {
        var lines = ["replay \(id): \(request.topic) to \(request.target)", "window: \(windowText)"]
        if !request.filter.isEmpty {
            let filter = request.filter.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append("filter: \(filter.joined(separator: " "))")
        }
        var table = TextTable(["PARTITION", "FIRST", "LAST", "OFFSETS"], rightAligned: [0, 1, 2, 3])
        for stretch in window.stretches {
            let first = next[stretch.partition] ?? stretch.first
            let count = max(0, stretch.end - first)
            let ends = count == 0 ? ["-", "-"] : ["\(first)", "\(stretch.end - 1)"]
            table.append(["\(stretch.partition)"] + ends + ["\(count)"])
        }
        lines += table.lines
        lines.append("at most \(left) records: filters, record times and what was compacted away leave fewer")
        return lines
    }

    private var windowText: String {
        let (from, to) = request.window.times
        let times =
            from == nil && to == nil
            ? nil
            : "record time from \(from.map { Timestamp.text(milliseconds: $0) } ?? "the beginning") "
                + "up to \(to.map { Timestamp.text(milliseconds: $0) } ?? "the end")"
        switch request.window {
        case .times: return times ?? "everything"
        case .offsets: return "the given offsets" + (times.map { ", \($0)" } ?? "")
        case .last(let count): return "the last \(count) offsets of each partition"
        }
    }

    package var json: String { SortedJSON.text(Document(self)) }

    private struct Document: Encodable {
        struct Partition: Encodable {
            let partition: Int32
            let first: Int64
            let end: Int64
            let offsets: Int64
        }

        let replay: String
        let topic: String
        let target: String
        let offsets: Int64
        let partitions: [Partition]
        let notices: [String]

        init(_ plan: ReplayPlan) {
            replay = plan.id
            topic = plan.request.topic
            target = "\(plan.request.target)"
            offsets = plan.left
            notices = plan.notices
            partitions = plan.window.stretches.map { stretch in
                let next = plan.next[stretch.partition] ?? stretch.first
                return Partition(
                    partition: stretch.partition,
                    first: next,
                    end: max(next, stretch.end),
                    offsets: max(0, stretch.end - next)
                )
            }
        }
    }
}
