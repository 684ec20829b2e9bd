import Kafka
import OrderedConsumer
import Replayer
import Synchronization
import TestSupport
import Testing
import Timestamps

/// The replay as a library, before targets that do as they like.
@Suite(.timeLimit(.minutes(5)))
struct ReplayRunTests {
    private func options(_ history: HistoryTopic, _ window: WindowRequest) throws -> ReplayOptions {
        try ReplayOptions(
            client: history.client,
            request: ReplayRequest(topic: history.name, window: window, target: .topic("elsewhere"))
        )
    }

    private func run(
        _ options: ReplayOptions,
        _ watch: Watch,
        _ makeTarget: @escaping @Sendable () -> any ReplayTarget
    ) async throws -> ReplaySummary {
        let replay = Replay(options, hooks: watch.hooks, now: { 1_800_000_000_000 })
        return try await replay.run(try await replay.plan(id: "r"), to: makeTarget)
    }

    @Test(.needsKafka)
    func `a target that settles nothing ends the replay after its silence, and says what waits`() async throws {
        let history = try await HistoryTopic(50, partitions: 2, seed: 121)
        var options = try options(history, .last(1_000))
        options.silenceMax = .milliseconds(300)
        let watch = Watch()
        let summary = try await run(options, watch) { StuckTarget() }
        #expect(summary.end == .broken && summary.counts.sent == 0 && summary.unsettled == 50 && !summary.isOK)
        #expect(summary.reason?.contains("topic elsewhere took none of 50 records") == true)
        #expect(summary.reason?.hasSuffix("last error: it sleeps") == true)
        // All of it is left.
        let whole = history.events.count
        #expect(summary.rest.reduce(0) { $0 + Int(($1.last ?? 0) - $1.first + 1) } == whole)
    }

    @Test(.needsKafka)
    func `a stop waits for what is under way, and not for ever`() async throws {
        let history = try await HistoryTopic(50, partitions: 2, seed: 122)
        var options = try options(history, .last(1_000))
        options.stopDeadline = .milliseconds(200)
        let watch = Watch()
        let summary = try await run(options, watch) {
            StuckTarget { watch.isStopped.withLock { $0 = true } }
        }
        #expect(summary.end == .interrupted && summary.unsettled > 0 && summary.counts.matched == summary.unsettled)
    }

    @Test(.needsKafka)
    func `a target that fails ends the replay with its own words`() async throws {
        let history = try await HistoryTopic(50, partitions: 2, seed: 123)
        let summary = try await run(try options(history, .last(1_000)), Watch()) {
            MoodyTarget(Watch(), seed: 1, failsAfter: 20)
        }
        #expect(summary.end == .broken && summary.reason == "it has had enough" && summary.counts.sent == 20)
    }

    /// The model: all records of the window in one order. However often a replay is stopped, and in whatever order its
    /// target settles, the runs together send each of them; twice only from the first one on that was not settled.
    @Test(.needsKafka)
    func `runs that are stopped anywhere and go on send everything, in order, and no more than they must`() async throws
    {
        let history = try await HistoryTopic(900, pages: 30, partitions: 5, seed: 124)
        var random = SeededGenerator()
        for _ in 0..<12 {
            var window = WindowRequest.times(from: nil, to: nil)
            var (offered, open, runs) = ([String](), 0, 0)
            while true {
                let watch = Watch()
                let seed = random.next()
                let life = runs < 6 ? Int.random(in: 1...400, using: &random) : nil
                let fails = Bool.random(using: &random)
                var options = try options(history, window)
                options.stopDeadline = .zero
                let summary = try await run(options, watch) {
                    MoodyTarget(watch, seed: seed, failsAfter: fails ? life : nil, stopsAfter: fails ? nil : life)
                }
                runs += 1
                let taken = watch.offered.withLock { $0 }
                let sent = Set(watch.sent.withLock { $0 })
                offered += taken
                open += taken.count - (taken.firstIndex { !sent.contains($0) } ?? taken.count)
                #expect(summary.counts.sent == sent.count && summary.counts.matched == taken.count, "\(random)")
                guard !summary.rest.isEmpty else { break }
                window = .offsets(summary.rest, from: nil, to: nil)
            }
            var seen: Set<String> = []
            let firsts = offered.filter { seen.insert($0).inserted }
            #expect(firsts.count == history.events.count, "\(random)")
            #expect(offered.count - firsts.count == open, "\(random), \(runs) runs")
            var numbers: [String: [Int]] = [:]
            for id in firsts {
                let parts = id.split(separator: "-")
                numbers[HistoryTopic.key(Int(parts[0]) ?? -1), default: []].append(Int(parts[1]) ?? -1)
            }
            #expect(numbers == ReplayedTopic.expected(history.events), "\(random)")
        }
    }

    @Test(.needsKafka)
    func `progress grows to the whole window, partition by partition`() async throws {
        let history = try await HistoryTopic(400, partitions: 3, seed: 125)
        let watch = Watch()
        let summary = try await run(try options(history, .times(from: nil, to: nil)), watch) {
            WritingTarget { _ in }
        }
        let last = try #require(watch.progress.withLock { $0.last })
        #expect(summary.end == .done && last.offsets == 400 && last.offsetsMax == 400)
        #expect(last.partitions.allSatisfy { $0.state == .done && $0.share == 1 })
        #expect(last.lines[0].hasPrefix("replay [##############################] 100 %  sent 400"))
        #expect(last.lines[1] == "partitions, tenths (= done, ? awaited): ===")
    }
}

/// What a replay told, and what its target was given.
private final class Watch: Sendable {
    let notices = Mutex<[String]>([])
    let progress = Mutex<[ReplayProgress]>([])
    let offered = Mutex<[String]>([])
    let sent = Mutex<[String]>([])
    let isStopped = Mutex(false)

    var hooks: ReplayHooks {
        ReplayHooks(
            isStopped: { self.isStopped.withLock { $0 } },
            progress: { progress in self.progress.withLock { $0.append(progress) } },
            notice: { line in self.notices.withLock { $0.append(line) } }
        )
    }
}

/// A target that takes everything and settles nothing.
private final class StuckTarget: ReplayTarget {
    private let onOffer: () -> Void

    init(_ onOffer: @escaping () -> Void = {}) { self.onOffer = onOffer }

    func offer(_ record: inout Record, slot: Int) throws -> Bool {
        onOffer()
        return true
    }

    func settle(waitMilliseconds: Int, _ body: (Int, ReplayOutcome) -> Void) throws {}

    var trouble: String? { "it sleeps" }

    func close() {}
}

/// A target that settles some of what it has, in any order; at times it has no room, and at last enough.
private final class MoodyTarget: ReplayTarget {
    private let watch: Watch
    private var random: SeededGenerator
    private let failsAfter: Int?
    private let stopsAfter: Int?
    private var held: [(slot: Int, id: String)] = []
    private var sent = 0

    init(_ watch: Watch, seed: UInt64, failsAfter: Int? = nil, stopsAfter: Int? = nil) {
        self.watch = watch
        self.failsAfter = failsAfter
        self.stopsAfter = stopsAfter
        random = SeededGenerator(seed: seed)
    }

    func offer(_ record: inout Record, slot: Int) throws -> Bool {
        guard held.count < 40, Int.random(in: 0..<10, using: &random) > 0 else { return false }
        let id = record.header("ce_id").map { String(decoding: $0, as: UTF8.self) } ?? ""
        held.append((slot, id))
        watch.offered.withLock { $0.append(id) }
        return true
    }

    func settle(waitMilliseconds: Int, _ body: (Int, ReplayOutcome) -> Void) throws {
        // Who waits gets something, so that no run needs time.
        let count = Int.random(in: waitMilliseconds > 0 ? 1...20 : 0...5, using: &random)
        for _ in 0..<min(count, held.count) {
            guard sent != failsAfter else { throw ReplayTargetError("it has had enough") }
            let ended = held.remove(at: Int.random(in: 0..<held.count, using: &random))
            sent += 1
            watch.sent.withLock { $0.append(ended.id) }
            body(ended.slot, .sent)
            if sent == stopsAfter { watch.isStopped.withLock { $0 = true } }
        }
    }

    func close() {}
}
