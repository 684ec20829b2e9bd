import Timestamps

/// What a replay will read: fixed before anything moves.
package struct ReplayPlan: Sendable {
    /// The id that its records carry: the name, or one made for this run.
    package let id: String
    package let request: ReplayRequest
    package let window: ReplayWindow
    /// Where each partition goes on.
    package let next: [Int32: Int64]
    /// What a person should know before it begins, a line each.
    package internal(set) var notices: [String]
    /// From the runs before.
    let countsBefore: ReplayCounts
    /// What the name stands for already.
    let known: CheckpointTopic.Known?

    /// A replay from its beginning.
    package init(id: String, request: ReplayRequest, window: ReplayWindow, notices: [String] = []) {
        self.id = id
        self.request = request
        self.window = window
        self.notices = notices
        next = Dictionary(uniqueKeysWithValues: window.stretches.map { ($0.partition, $0.first) })
        countsBefore = ReplayCounts()
        known = nil
    }

    /// A replay from where it came to.
    package init(resuming known: CheckpointTopic.Known) {
        let checkpoint = known.checkpoint
        self.known = known
        id = checkpoint.name
        request = checkpoint.request
        window = checkpoint.window
        next = Dictionary(uniqueKeysWithValues: checkpoint.partitions.map { ($0.partition, $0.next) })
        countsBefore = checkpoint.counts
        notices = ["going on with the replay \(id), begun \(Timestamp.text(milliseconds: checkpoint.startedAt))"]
    }

    /// Offsets that are left, and records at most.
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
        var summary = ReplaySummary(
            replay: id,
            topic: request.topic,
            target: "\(request.target)",
            isDryRun: isDryRun
        )
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
}
