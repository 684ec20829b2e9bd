import Kafka
import OrderedConsumer

/// One run of a replay: the loop between reader and target. Everything in it belongs to one thread.
final class ReplayRun {
    /// Limit: records that are offered and not settled, and what is settled behind one of them.
    private static let inFlightMax = 32_768
    /// So many records are moved before reports, checkpoint and stop are looked at again.
    private static let roundMax = 256
    private static let waitMilliseconds = 20
    /// Limit: if so many records are refused one after the other, the target is at fault and not the records.
    private static let refusalsMax = 20

    private let options: ReplayOptions
    private let hooks: ReplayHooks
    private let target: any ReplayTarget
    private let checkpoints: CheckpointWriter?
    private var reader: WindowReader
    private var selection: RecordSelection
    private var inFlight: InFlightRecords
    private var pace: PaceKeeper
    private var summary: ReplaySummary
    private let clock = ContinuousClock()
    private var timer: ProgressTimer
    /// A record that is to be sent, but is not due yet or has no room.
    private var held: Held?
    /// Unsettled until the next one that is taken: a target that refuses everything is offered them again.
    private var refused: [Int] = []
    private var silentSince: ContinuousClock.Instant?

    /// A record that is to be sent, with the parts of it that are needed often.
    private struct Held {
        var record: Record
        let partition: Int32
        let offset: Int64
        let time: Int64
    }

    init(
        _ options: ReplayOptions,
        hooks: ReplayHooks,
        target: any ReplayTarget,
        checkpoints: CheckpointWriter?,
        reader: WindowReader,
        selection: RecordSelection,
        summary: ReplaySummary
    ) {
        self.options = options
        self.hooks = hooks
        self.target = target
        self.checkpoints = checkpoints
        self.reader = reader
        self.selection = selection
        self.summary = summary
        inFlight = InFlightRecords(capacity: Self.inFlightMax, next: reader.next)
        pace = PaceKeeper(options.pace)
        timer = ProgressTimer(now: clock.now, offsets: 0)
        timer = ProgressTimer(now: clock.now, offsets: progress.offsets)
    }

    func run() -> ReplaySummary {
        let start = clock.now
        do {
            try move()
            try settleAll()
        } catch {
            summary.end = .broken
            summary.reason = "\(error)"
            // What has arrived meanwhile need not be sent again.
            try? settle(waitMilliseconds: 0)
        }
        summary.unsettled = inFlight.unsettled
        summary.gaps = reader.gaps
        summary.seconds = (clock.now - start) / .seconds(1)
        close()
        return summary
    }

    private func close() {
        target.close()
        let isDone = reader.isFinished && held == nil && inFlight.unsettled == 0
        // A stop that came when nothing was left stopped nothing.
        if isDone, summary.end == .interrupted { summary.end = .done }
        noteOffsets()
        if isDone {
            // What was compacted away after the last record is done as well.
            for index in summary.partitions.indices {
                summary.partitions[index].next = summary.partitions[index].windowEnd
            }
        }
        hooks.progress(progress)
        guard let checkpoints else { return }
        if !checkpoints.finish(summary, isDone: isDone) {
            hooks.notice("the last checkpoint could not be written: some records will be sent again when it is resumed")
        }
    }

    private func move() throws {
        while true {
            try settle(waitMilliseconds: 0)
            report()
            if hooks.isStopped() {
                summary.end = .interrupted
                return
            }
            guard try moveSome() else { return }
        }
    }

    /// Moves some records, or waits a little if there is none. False when all were offered.
    private func moveSome() throws -> Bool {
        for _ in 0..<Self.roundMax {
            guard !inFlight.isFull else { return try waitForTarget() }
            guard var next = held.take() ?? takeNext() else {
                guard !reader.isFinished else { return false }
                try waitForRecords()
                return true
            }
            let now = options.pace == .full ? nil : clock.now
            if let now {
                let left = pace.due(next.time, now: now) - now
                guard left <= .zero else {
                    held = next
                    return try wait(for: left)
                }
            }
            guard try offer(&next) else { return try waitForTarget() }
            if let now { pace.go(next.time, now: now) }
        }
        return true
    }

    /// False if the target has no room for it now; it is held then, as it is when this throws.
    private func offer(_ next: inout Held) throws -> Bool {
        do {
            guard try target.offer(&next.record, slot: inFlight.nextSlot) else {
                held = next
                return false
            }
        } catch {
            held = next
            throw error
        }
        noteOffered(next)
        return true
    }

    private func noteOffered(_ offered: Held) {
        if inFlight.unsettled == 0 { silentSince = nil }
        inFlight.offer(partition: offered.partition, offset: offered.offset)
        summary.counts.matched += 1
        summary.counts.read += 1
        summary.note(offered.offset, of: offered.partition)
    }

    private func takeNext() -> Held? {
        while !inFlight.isFull {
            guard let record = reader.record() else { return nil }
            guard let partition = record.partition, let offset = record.offset else { continue }
            let time = record.timestampMilliseconds ?? 0
            // Consumed: with a second reference to the record, its mark would cost a copy of all headers.
            switch selection.decide(consume record) {
            case .matched(let event): return Held(record: event, partition: partition, offset: offset, time: time)
            case .outside: summary.counts.outside += 1
            case .filtered: summary.counts.filtered += 1
            case .looped: summary.counts.looped += 1
            case .redriven: summary.counts.redriven += 1
            case .unreadable(let word): summary.counts.unreadable[word, default: 0] += 1
            }
            summary.counts.read += 1
            inFlight.skip(partition: partition, offset: offset)
        }
        return nil
    }

    // Waiting.

    private var quietMax: Duration { min(ProgressTimer.noticeInterval, options.silenceMax) }

    private func waitForRecords() throws {
        // What the target reports meanwhile is taken a little later.
        try reader.read(waitMilliseconds: Self.waitMilliseconds)
        let now = clock.now
        let silence = reader.silence(now)
        guard silence > quietMax, let partition = reader.awaited.min() else { return }
        let next = reader.fetched[partition] ?? 0
        if silence > options.silenceMax {
            throw ReplayError.readingSilent(
                topic: options.request.topic,
                partition: partition,
                next: next,
                end: selection.window.stretches.first { $0.partition == partition }?.end ?? next,
                seconds: Int64(silence / .seconds(1)),
                reader.lastError.map { "\($0)" }
            )
        }
        guard timer.isNoticeDue(now) else { return }
        hooks.notice(
            "waiting for partition \(partition): nothing comes after offset \(next - 1)"
                + (reader.lastError.map { "; last error: \($0)" } ?? "")
        )
    }

    private func waitForTarget() throws -> Bool {
        // Nothing is in flight whose success would settle them.
        if inFlight.isFull, inFlight.unsettled == refused.count { settleRefused() }
        try settle(waitMilliseconds: Self.waitMilliseconds)
        return true
    }

    private func wait(for left: Duration) throws -> Bool {
        // A stop is to be noticed, and progress shown, however slow the pace.
        try settle(waitMilliseconds: max(1, Int(min(left, .milliseconds(100)) / .milliseconds(1))))
        return true
    }

    private func settle(waitMilliseconds: Int) throws {
        var hasSettled = false
        try target.settle(waitMilliseconds: waitMilliseconds) { slot, outcome in
            hasSettled = true
            switch outcome {
            case .sent:
                summary.counts.sent += 1
                inFlight.settle(slot)
                settleRefused()
            case .failed(let reason):
                summary.counts.failed += 1
                refused.append(slot)
                hooks.notice("a record was refused for good: \(reason)")
            }
        }
        guard refused.count < Self.refusalsMax else {
            throw ReplayError.refused("\(options.request.target)", records: refused.count)
        }
        try watchTarget(hasSettled: hasSettled)
    }

    private func settleRefused() {
        for slot in refused { inFlight.settle(slot) }
        refused.removeAll()
    }

    private func watchTarget(hasSettled: Bool) throws {
        guard !hasSettled, inFlight.unsettled > refused.count else {
            silentSince = nil
            return
        }
        let now = clock.now
        let silence = now - (silentSince ?? now)
        silentSince = silentSince ?? now
        guard silence > quietMax else { return }
        if silence > options.silenceMax, !target.givesUp {
            throw ReplayError.targetSilent(
                "\(options.request.target)",
                waiting: inFlight.unsettled,
                seconds: Int64(silence / .seconds(1)),
                target.trouble
            )
        }
        guard timer.isNoticeDue(now) else { return }
        hooks.notice(
            "waiting for \(options.request.target), which has \(inFlight.unsettled) records and acknowledges none"
                + (target.trouble.map { "; last error: \($0)" } ?? "")
        )
    }

    /// Waits for what is in flight, but not for ever once a stop was asked for.
    private func settleAll() throws {
        var deadline: ContinuousClock.Instant?
        while inFlight.unsettled > refused.count {
            if deadline == nil, hooks.isStopped() { deadline = clock.now + options.stopDeadline }
            if let deadline, clock.now > deadline {
                summary.end = .interrupted
                return
            }
            try settle(waitMilliseconds: 100)
            report()
        }
        settleRefused()
    }

    // Progress and checkpoints.

    private func report() {
        let now = clock.now
        guard timer.isDue(now) else { return }
        noteOffsets()
        hooks.progress(timer.measured(progress, now))
        guard let checkpoints else { return }
        checkpoints.write(summary)
        if let error = checkpoints.lastError, timer.isNoticeDue(now) {
            hooks.notice("the checkpoint cannot be written: \(error)")
        }
    }

    private func noteOffsets() {
        for index in summary.partitions.indices {
            let partition = summary.partitions[index].partition
            summary.partitions[index].next = inFlight.next[partition] ?? summary.partitions[index].next
        }
    }

    private var progress: ReplayProgress {
        var progress = ReplayProgress(counts: summary.counts, waiting: inFlight.unsettled)
        let awaited = reader.awaited
        for partition in summary.partitions {
            let next = reader.next[partition.partition] ?? partition.windowFirst
            let isDone = next >= partition.windowEnd || reader.isFinished
            progress.offsets += (isDone ? partition.windowEnd : next) - partition.windowFirst
            progress.offsetsMax += partition.windowEnd - partition.windowFirst
            progress.partitions.append(
                ReplayProgress.Partition(
                    partition: partition.partition,
                    first: partition.windowFirst,
                    end: partition.windowEnd,
                    next: isDone ? partition.windowEnd : next,
                    state: isDone ? .done : awaited.contains(partition.partition) ? .awaited : .reading
                )
            )
        }
        return progress
    }
}
