import Foundation
import Kafka
import OrderedConsumer
import TestSupport
import Testing
import Timestamps

/// `notion-relay replay` as a process, before a real broker.
@Suite(.timeLimit(.minutes(8)))
struct ReplayTests {
    private func text(_ time: Int64) -> String { Timestamp.text(milliseconds: time) }

    /// A live group that has handled something of a topic: how far it is.
    private func live(_ history: HistoryTopic) async throws -> [TopicPartition: Int64] {
        let handled = HandledLog()
        var settings = try KeyedConsumerSettings(
            client: history.client,
            group: "live-\(history.name)",
            topic: history.name
        )
        settings.commitInterval = .milliseconds(100)
        let consumer = try KeyedConsumer(settings) { consumed in
            handled.begin(consumed)
            handled.end(consumed)
            return .done
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await consumer.run() }
            try await handled.wait(for: 500)
            consumer.stop()
            try await group.waitForAll()
        }
        return try await committed(history)
    }

    private func committed(_ history: HistoryTopic) async throws -> [TopicPartition: Int64] {
        let admin = try Admin(history.client)
        defer { admin.close() }
        return try await admin.committedOffsets(group: "live-\(history.name)", topic: history.name).mapValues(\.offset)
    }

    @Test(.needsKafka)
    func `an hour out of three arrives whole, in the order of each page, and no group notices`() async throws {
        let history = try await HistoryTopic(ReplayScale.records, seed: 81)
        let target = try await SharedKafka.target()
        let before = try await live(history)
        let (from, to) = (history.start + 3_600_000, history.start + 7_200_000)
        // Counted apart from all that a replay uses: each record of the topic, by its time.
        var counted = 0
        try await ReplayedTopic.read(history.name, history.client) { record in
            if let time = record.timestampMilliseconds, time >= from, time < to { counted += 1 }
        }
        let replay = try ReplayProcess(history, ["--from", text(from), "--to", text(to), "--to-topic", target])
        let summary = try await replay.summary()
        #expect(summary.matched == counted && summary.sent == counted && summary.end == "done")
        // Less than the topic was read: the window, and what may lie out of order behind it.
        #expect(summary.read < history.events.count / 2)
        let replayed = try await ReplayedTopic(target, of: history)
        #expect(replayed.count == counted)
        #expect(replayed.numbers == ReplayedTopic.expected(history.events(from: from, to: to)))
        #expect(replayed.changed == [] && replayed.replays == [summary.replay])
        #expect(try await committed(history) == before)
    }

    @Test(.needsKafka)
    func `filters leave what they say, by any form of an id`() async throws {
        let history = try await HistoryTopic(6_000, pages: 40, partitions: 4, seed: 82)
        let middle = history.start + 5_400_000
        let pages = [3, 7]
        let undashed = pages.map { HistoryTopic.key($0).replacing("-", with: "").uppercased() }.joined(separator: ",")
        let cases: [([String], (HistoryTopic.Event) -> Bool)] = [
            ([], { _ in true }), (["--entity", undashed], { pages.contains($0.page) }),
            (["--type", "page.*"], { !$0.isComment }), (["--type", "comment.created,view.*"], { $0.isComment }),
            (["--workspace", HistoryTopic.workspace(1)], { $0.page % 3 == 1 }),
            (["--id", "3-0,7-2"], { $0.id == "3-0" || $0.id == "7-2" }),
            (["--occurred-from", text(middle)], { $0.time >= middle }),
            (["--occurred-to", text(middle), "--type", "page.*"], { $0.time < middle && !$0.isComment }),
        ]
        for (arguments, isWanted) in cases {
            let summary = try await ReplayProcess(history, ["--from", "beginning", "--dry-run"] + arguments).summary()
            let wanted = history.events.filter(isWanted).count
            #expect(summary.matched == wanted && wanted > 0, "\(arguments)")
            #expect(summary.matched + summary.filtered == history.events.count, "\(arguments)")
        }
    }

    @Test(.needsKafka)
    func `windows by offsets and by the last so many are what they say`() async throws {
        let history = try await HistoryTopic(3_000, partitions: 3, seed: 83)
        let some = try await ReplayProcess(history, ["--offsets", "0:10-19,2:5-", "--dry-run"]).summary()
        let end = try #require(some.partitions.first { $0.partition == 2 }?.windowEnd)
        #expect(some.matched == 10 + Int(end) - 5)
        let last = try await ReplayProcess(history, ["--last", "7", "--dry-run"]).summary()
        #expect(last.matched == 21)
        let none = try ReplayProcess(history, ["--offsets", "1:900000-", "--dry-run"])
        #expect(try await none.summary().read == 0)
        #expect(none.notices.contains("the window is empty"))
    }

    @Test(.needsKafka)
    func `stdout has the records in the order of their times, and nothing else`() async throws {
        let history = try await HistoryTopic(2_000, partitions: 4, disorder: 0, seed: 84)
        let replay = try RelayProcess(
            ["replay", "--kafka", history.kafka, "--from-topic", history.name, "--from", "beginning", "--to-stdout"]
                + ["--type", "page.*", "--format", "%{ce_id} %T %{relay-replay-count}\\n"]
        )
        #expect(try await replay.exitStatus(within: .seconds(60)) == .exited(0), "\(replay.child.errors.tail())")
        let wanted = history.events.filter { !$0.isComment }.map { "\($0.id) \($0.time) 1" }
        #expect(replay.child.output.all.filter { !$0.isEmpty } == wanted)
        #expect(replay.child.errors.text.contains("\(wanted.count) of 2000 records matched"))
    }

    @Test(.needsKafka)
    func `the original pace is kept, so many times as fast`() async throws {
        let seconds = ReplayScale.paceSeconds
        let history = try await HistoryTopic(4_000, partitions: 6, hours: seconds * 600 / 3600, disorder: 200, seed: 85)
        let target = try await SharedKafka.target()
        let replay = try ReplayProcess(history, ["--from", "beginning", "--to-topic", target, "--speed", "600x"])
        let summary = try await replay.summary()
        let times = history.events.map(\.time)
        let expected = Double((times.max() ?? 0) - (times.min() ?? 0)) / 600_000
        #expect(abs(summary.seconds - expected) < expected * 0.05, "\(summary.seconds) s instead of \(expected) s")
        #expect(summary.sent == 4_000)
    }

    @Test(.needsKafka)
    func `a rate is kept`() async throws {
        let history = try await HistoryTopic(1_500, partitions: 2, seed: 86)
        let target = try await SharedKafka.target()
        let replay = try ReplayProcess(history, ["--from", "beginning", "--to-topic", target, "--rate", "500/s"])
        let summary = try await replay.summary()
        #expect(abs(summary.seconds - 3) < 0.3 && summary.sent == 1_500, "\(summary.seconds) s instead of 3 s")
    }

    @Test(.needsKafka)
    func `a topic replayed into itself reads nothing of its own, and goes round as often as it may`() async throws {
        let history = try await HistoryTopic(500, partitions: 2, seed: 87)
        let arguments = ["--to-topic", history.name, "--max-replays", "2"]
        let all = ["--from", "beginning"] + arguments
        #expect(try await ReplayProcess(history, all).summary().sent == 500)
        // The copies have the originals' times.
        let second = try await ReplayProcess(history, all).summary()
        #expect(second.sent == 1000 && second.looped == 0)
        let third = try await ReplayProcess(history, all).summary()
        #expect(third.sent == 1500 && third.looped == 500)
        let counts = try await WholeTopic.records(of: history.name, history.client).map {
            ReplayMark(record: $0)?.count ?? 0
        }
        #expect(Set(counts) == [0, 1, 2])
    }

    @Test(.needsKafka)
    func `a group handles what is replayed into its topic, knows it, and may pass it over`() async throws {
        let history = try await HistoryTopic(300, pages: 10, partitions: 2, seed: 88)
        _ = try await ReplayProcess(history, ["--from", "beginning", "--to-topic", history.name]).summary()
        for skips in [false, true] {
            var settings = try KeyedConsumerSettings(
                client: history.client,
                group: "g-\(skips)-\(history.name)",
                topic: history.name
            )
            settings.skipsReplays = skips
            let handled = HandledLog()
            let replayed = HandledLog()
            let consumer = try KeyedConsumer(settings) { consumed in
                let log = consumed.replay == nil ? handled : replayed
                log.begin(consumed)
                log.end(consumed)
                return .done
            }
            try await withThrowingTaskGroup { group in
                group.addTask { try await consumer.run() }
                try await handled.wait(for: 300)
                if skips {
                    try await eventually(within: .seconds(30), "replays that were passed over") {
                        consumer.figures.counts.skippedReplays == 300 ? true : nil
                    }
                } else {
                    try await replayed.wait(for: 300)
                }
                consumer.stop()
                try await group.waitForAll()
            }
            #expect(handled.count == 300 && replayed.count == (skips ? 0 : 300))
            #expect(replayed.outOfOrder == [])
        }
    }
}
