import Kafka
import OrderedConsumer

/// One run of a replay, from its first record to its last or to a stop: the loop between reading and target. Everything
/// in it belongs to one thread.
final class ReplayRun {
    /// Limit: records that are offered and not settled, and what is settled behind one of them.
    private static let ledgerCapacity = 32_768
    /// So many records are moved before reports, checkpoint and stop are looked at again.
    private static let roundMax = 256
    private static let waitMilliseconds = 20
    /// Limit: so many records that are refused one after the other are no records' fault.
    private static let refusalsMax = 20
    private static let noticeInterval = Duration.seconds(10)

    private let options: ReplayOptions
    private let hooks: ReplayHooks
    private let target: any ReplayTarget
    private let checkpoints: Checkpoints?
    private var reading: WindowReading
    private var judge: ReplayJudge
    private var ledger: ReplayLedger
    private var pace: PaceKeeper
    private var summary: ReplaySummary
    /// A record that is to be sent, and for which it was too early or no room.
    private var held: Held?
    private let clock = ContinuousClock()
    private var ticks: ReplayTicks
    /// Records that were refused since the last one that was taken. They stay unsettled until then: if the target
    /// refuses everything, they are offered again when the replay is resumed.
    private var refused: [Int] = []
    /// Since when the target has settled nothing that it has.
    private var silentSince: ContinuousClock.Instant?

    /// A record that is to be sent, with what is asked of it often.
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
        checkpoints: Checkpoints?,
        reading: WindowReading,
        judge: ReplayJudge,
        summary: ReplaySummary
    ) {
        self.options = options
        self.hooks = hooks
        self.target = target
        self.checkpoints = checkpoints
        self.reading = reading
        self.judge = judge
        self.summary = summary
        ledger = ReplayLedger(capacity: Self.ledgerCapacity, next: reading.next)
        pace = PaceKeeper(options.pace)
        ticks = ReplayTicks(now: clock.now, progress: Self.progress(reading, summary, waiting: 0))
    }

    /// Runs to the end. What kept it from its end is in the summary; nothing is thrown.
    func run() -> ReplaySummary {
        let start = clock.now
        do {
            try move()
            try settleAll()
        } catch {
            summary.end = .broken
            summary.reason = "\(error)"
            // What has arrived meanwhile needs not be sent again.
            try? settle(waitMilliseconds: 0)
        }
        summary.unsettled = ledger.unsettled
        summary.gaps = reading.gaps
        summary.seconds = (clock.now - start) / .seconds(1)
        close()
        return summary
    }

    private func close() {
        target.close()
        let isDone = reading.isFinished && held == nil && ledger.unsettled == 0
        // A stop that came when nothing was left stopped nothing.
        if isDone, summary.end == .interrupted { summary.end = .done }
        for index in summary.partitions.indices {
            let partition = summary.partitions[index].partition
            // What was compacted away behind the last record is behind it as well.
            summary.partitions[index].next =
                isDone ? summary.partitions[index].windowEnd : ledger.next[partition] ?? summary.partitions[index].next
        }
        hooks.progress(Self.progress(reading, summary, waiting: ledger.unsettled))
        guard let checkpoints else { return }
        if !checkpoints.finish(summary, isDone: isDone) {
            hooks.notice("the last checkpoint could not be written: some records will be sent again when it is resumed")
        }
    }

    private func move() throws {
        while true {
            try settle(waitMilliseconds: 0)
            tick()
            if hooks.isStopped() {
                summary.end = .interrupted
                return
            }
            guard try round() else { return }
        }
    }

    /// Moves some records, or waits a little if there is none. False when all were offered.
    private func round() throws -> Bool {
        for _ in 0..<Self.roundMax {
            guard !ledger.isFull else { return try waitForTarget() }
            guard var next = held.take() ?? takeNext() else {
                guard !reading.isFinished else { return false }
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
            guard try target.offer(&next.record, slot: ledger.nextSlot) else {
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
        if ledger.unsettled == 0 { silentSince = nil }
        ledger.offer(partition: offered.partition, offset: offered.offset)
        summary.counts.matched += 1
        summary.counts.read += 1
        summary.note(offered.offset, of: offered.partition)
    }

    /// The next record that is to be sent, if it is there.
    private func takeNext() -> Held? {
        while !ledger.isFull {
            guard let record = reading.record() else { return nil }
            guard let partition = record.partition, let offset = record.offset else { continue }
            let time = record.timestampMilliseconds ?? 0
            // Given away, not lent: a second reference to the record would make its mark cost a copy of all headers.
            switch judge.judge(consume record) {
            case .matched(let event):
                return Held(record: event, partition: partition, offset: offset, time: time)
            case .outside: summary.counts.outside += 1
            case .filtered: summary.counts.filtered += 1
            case .looped: summary.counts.looped += 1
            case .redriven: summary.counts.redriven += 1
            case .unreadable(let word): summary.counts.unreadable[word, default: 0] += 1
            }
            summary.counts.read += 1
            ledger.skip(partition: partition, offset: offset)
        }
        return nil
    }
}

// Waiting.
extension ReplayRun {
    private func waitForRecords() throws {
        // What the target reports meanwhile is taken after a little while.
        try reading.read(waitMilliseconds: Self.waitMilliseconds)
        let silence = reading.silence(clock.now)
        guard silence > min(Self.noticeInterval, options.silenceMax), let partition = reading.awaited.min() else {
            return
        }
        let next = reading.fetched[partition] ?? 0
        if silence > options.silenceMax {
            throw ReplayError.readingSilent(
                topic: options.request.topic,
                partition: partition,
                next: next,
                end: judge.window.stretches.first { $0.partition == partition }?.end ?? next,
                seconds: Int64(silence / .seconds(1)),
                reading.lastError.map { "\($0)" }
            )
        }
        ticks.notice(clock.now, every: Self.noticeInterval) {
            hooks.notice(
                "waiting for partition \(partition): nothing comes behind offset \(next - 1)"
                    + (reading.lastError.map { "; last error: \($0)" } ?? "")
            )
        }
    }

    private func waitForTarget() throws -> Bool {
        // Nothing is under way that could end their wait.
        if ledger.isFull, ledger.unsettled == refused.count { settleRefused() }
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
                ledger.settle(slot)
                settleRefused()
            case .failed(let reason):
                summary.counts.failed += 1
                refused.append(slot)
                hooks.notice("a record will never be taken: \(reason)")
            }
        }
        guard refused.count < Self.refusalsMax else {
            throw ReplayError.refused("\(options.request.target)", records: refused.count)
        }
        try watchTarget(hasSettled: hasSettled)
    }

    private func settleRefused() {
        for slot in refused { ledger.settle(slot) }
        refused.removeAll()
    }

    private func watchTarget(hasSettled: Bool) throws {
        guard !hasSettled, ledger.unsettled > refused.count else {
            silentSince = nil
            return
        }
        let now = clock.now
        let silence = now - (silentSince ?? now)
        silentSince = silentSince ?? now
        guard silence > min(Self.noticeInterval, options.silenceMax) else { return }
        if silence > options.silenceMax, !target.givesUp {
            throw ReplayError.targetSilent(
                "\(options.request.target)",
                waiting: ledger.unsettled,
                seconds: Int64(silence / .seconds(1)),
                target.trouble
            )
        }
        ticks.notice(now, every: Self.noticeInterval) {
            hooks.notice(
                "waiting for \(options.request.target), which has \(ledger.unsettled) records and acknowledges none"
                    + (target.trouble.map { "; last error: \($0)" } ?? "")
            )
        }
    }

    /// Waits for what is under way; once a stop was asked for, not for ever.
    private func settleAll() throws {
        var deadline: ContinuousClock.Instant?
        while ledger.unsettled > refused.count {
            if deadline == nil, hooks.isStopped() { deadline = clock.now + options.stopDeadline }
            if let deadline, clock.now > deadline {
                summary.end = .interrupted
                return
            }
            try settle(waitMilliseconds: 100)
            tick()
        }
        settleRefused()
    }
}

// What is shown and kept meanwhile.
extension ReplayRun {
    private func tick() {
        let now = clock.now
        guard ticks.isDue(now) else { return }
        for index in summary.partitions.indices {
            let partition = summary.partitions[index].partition
            summary.partitions[index].next = ledger.next[partition] ?? summary.partitions[index].next
        }
        hooks.progress(ticks.measured(Self.progress(reading, summary, waiting: ledger.unsettled), now))
        guard let checkpoints else { return }
        checkpoints.write(summary)
        if let error = checkpoints.lastError {
            ticks.notice(now, every: Self.noticeInterval) { hooks.notice("the checkpoint cannot be written: \(error)") }
        }
    }

    private static func progress(_ reading: WindowReading, _ summary: ReplaySummary, waiting: Int) -> ReplayProgress {
        var progress = ReplayProgress(
            offsets: 0,
            offsetsMax: 0,
            counts: summary.counts,
            waiting: waiting,
            rate: 0,
            secondsLeft: nil,
            partitions: []
        )
        let awaited = reading.awaited
        for partition in summary.partitions {
            let next = reading.next[partition.partition] ?? partition.windowFirst
            let isDone = next >= partition.windowEnd || reading.isFinished
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
