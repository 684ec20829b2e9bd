import OrderedConsumer
import TextOutput
import Timestamps

extension ReplayPlan {
    /// For people: the window of each partition, a line each.
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

    /// For programs.
    package var json: String {
        SortedJSON.text(Document(self))
    }

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
