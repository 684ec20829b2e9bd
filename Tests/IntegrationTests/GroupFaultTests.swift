import Foundation
import Kafka
import OrderedConsumer
import Pages
import TestSupport
import Testing

/// A consumer group before a real broker, whose members are killed, frozen, made to leave and joined by others, and
/// whose broker is restarted, all by chance; and what must hold at the end all the same.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct GroupFaultTests {
    private static let commitInterval = Duration.milliseconds(250)
    // Longer than the broker is away: who cannot reach it for a session has to give up what it has.
    private static let session = Duration.seconds(6)
    private static let lanes = 16
    private static let isSoak = ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_SOAK"] == "1"

    private static let seeds: [UInt64] = {
        let first = SeededGenerator().seed
        return (0..<(isSoak ? 10 : 1)).map { first &+ $0 }
    }()

    private static let arguments = [
        "session_ms": "6000", "commit_ms": "250", "lanes": "\(lanes)", "deadline_ms": "1000", "drain_ms": "2000",
        "handle_ms": "30", "fail_permille": "30", "throw_permille": "10", "hang_permille": "5", "hang_ms": "1500",
        "stubborn_ms": "0",
    ]

    private enum Fault: CaseIterable {
        case kill, freeze, leave, join, rapid, broker
    }

    @Test(.needsKafka, arguments: seeds)
    func `whatever befalls members and broker, each key's events are handled in order and take effect once`(
        seed: UInt64
    ) async throws {
        var random = SeededGenerator(seed: seed)
        let story = try await GroupStory(partitions: 6, Self.arguments)
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await RecordFlow(story: story, seed: seed).run() }
            for _ in 0..<3 { try story.join(seed: random.next()) }
            try await story.assigned("m1")
            for fault in Fault.allCases.shuffled(using: &random) {
                try await pass(.milliseconds(Int.random(in: 500...2000, using: &random)))
                try await befall(story, fault, &random)
            }
            try await pass(Self.session)
            group.cancelAll()
            try await group.waitForAll()
        }
        try await story.finished()
        await story.end()
        try await expectEverything(of: story, seed)
        await story.node.kill()
    }

    /// The deadlines are scaled down, unless there is time: a call of 8 s, and 3 s to drain.
    @Test(.needsKafka)
    func `a call that outlives its drain is repeated by the next member, and holds nobody else up`() async throws {
        let stubborn = Self.isSoak ? 30_000 : 8000
        let own = [
            "drain_ms": "\(stubborn * 3 / 8)", "stubborn_ms": "\(stubborn)", "deadline_ms": "120000", "handle_ms": "5",
            "fail_permille": "0", "throw_permille": "0", "hang_permille": "0", "lanes": "64",
        ]
        let story = try await GroupStory(partitions: 2, Self.arguments.merging(own) { _, own in own })
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await RecordFlow(story: story, seed: 1).run() }
            try await story.assigned(try story.join(seed: 1))
            try await story.sendStubborn(keys: 8)
            try await calls(of: "m1", in: story, count: 8) { _ in true }
            try story.join(seed: 2)
            // The first member's calls end now, too late: their partition has gone, and with it the right to commit.
            try await calls(of: "m1", in: story, count: 8) { $0.end != nil }
            try await expectNoZombieCommit(story)
            try await calls(of: "m2", in: story, count: 1) { $0.isDone }
            group.cancelAll()
            try await group.waitForAll()
        }
        try await story.finished()
        await story.end()
        try await expectOnlyStubbornCallsTwice(story)
        await story.node.kill()
    }

    private func calls(
        of member: String,
        in story: GroupStory,
        count: Int,
        _ isMeant: @escaping @Sendable (Call) -> Bool
    ) async throws {
        try await eventually(within: .seconds(90), "\(count) calls of \(member)") {
            let found = Call.all(in: story.log(of: member)).filter { $0.key.hasPrefix("s") && isMeant($0) }
            return found.count >= count ? true : nil
        }
    }

    private func expectNoZombieCommit(_ story: GroupStory) async throws {
        let second = Call.all(in: story.log(of: "m2")).filter { $0.key.hasPrefix("s") }
        #expect(!second.isEmpty && second.allSatisfy { $0.end == nil })
        let commits = try await CommitHistory(story.client, group: GroupStory.group, topic: GroupStory.topic)
        for call in second {
            #expect(try #require(commits.offsets[call.partition]?.last) <= call.offset)
        }
    }

    private func expectOnlyStubbornCallsTwice(_ story: GroupStory) async throws {
        let history = try await history(of: story)
        let commits = try await CommitHistory(story.client, group: GroupStory.group, topic: GroupStory.topic)
        #expect(history.lost == [] && history.outOfOrder == [] && story.failures == [] && commits.setbacks == [])
        let twice = Set(history.done.filter { $0.value.count > 1 }.keys)
        let moved = history.calls.filter { $0.member == "m2" && $0.key.hasPrefix("s") }
        #expect(twice == Set(moved.map(\.id)))
        // While the second member was busy with the calls that it inherited, their partition's other keys went on. What
        // the first one kept has waited for its drain: librdkafka fetches nothing until a revocation is answered.
        let join = try #require(moved.map(\.begin).min())
        let kept = history.calls.filter { $0.member == "m1" && $0.partition != moved[0].partition && $0.isDone }
        let ends = kept.compactMap(\.end).filter { $0 < join }.suffix(200).sorted()
        let pause = zip(ends, ends.dropFirst()).map { $1 - $0 }.max() ?? .max
        let besides = history.calls.filter { call in
            call.member == "m2" && !call.key.hasPrefix("s") && call.isDone && call.partition == moved[0].partition
                && call.begin > join && moved.contains { call.begin < $0.end ?? 0 }
        }
        print("twice: \(twice.count) of 8; longest pause \(pause / 1_000_000) ms; \(besides.count) calls beside them")
        #expect(besides.count > 50)
        #expect(.nanoseconds(pause) < .milliseconds(Self.isSoak ? 30_000 : 8000))
        try await expectEffects(of: story, history, 1)
    }

    /// Time is what a session and a drain are made of; nothing else announces that it has passed.
    private func pass(_ time: Duration) async throws { try await ContinuousClock().sleep(for: time) }

    private func befall(_ story: GroupStory, _ fault: Fault, _ random: inout SeededGenerator) async throws {
        let victim = story.present.randomElement(using: &random) ?? "m1"
        switch fault {
        case .kill:
            await story.kill(victim)
            try story.join(seed: random.next())
            try await pass(Self.session)
        case .freeze:
            story.freeze(victim)
            try await pass(Self.session + .milliseconds(Int.random(in: 1500...3000, using: &random)))
            story.thaw(victim)
            try await pass(.seconds(1))
        case .leave:
            await story.leave(victim)
            try await story.assigned(try story.join(seed: random.next()))
        case .join:
            try await story.assigned(try story.join(seed: random.next()))
        case .rapid:
            // A rebalance in the middle of another.
            let newcomer = try story.join(seed: random.next())
            try await pass(.milliseconds(Int.random(in: 200...600, using: &random)))
            async let left: Void = story.leave(victim)
            try story.join(seed: random.next())
            await left
            await story.leave(newcomer)
        case .broker:
            try await story.restartBroker(killing: Bool.random(using: &random), session: Self.session)
        }
    }

    private func history(of story: GroupStory) async throws -> CallHistory {
        let topics = try GroupTopics(topic: GroupStory.topic, group: GroupStory.group)
        return CallHistory(
            calls: story.calls,
            absences: story.absences,
            records: try await WholeTopic.records(of: GroupStory.topic, story.client),
            deadLetters: try await WholeTopic.records(of: topics.deadLetters, story.client),
            // A commit waits while the group gives out places.
            uncommitted: Self.commitInterval + .seconds(1)
        )
    }

    private func expectEverything(of story: GroupStory, _ seed: UInt64) async throws {
        let history = try await history(of: story)
        let commits = try await CommitHistory(story.client, group: GroupStory.group, topic: GroupStory.topic)
        report(history, commits, seed)
        #expect(story.failures == [], "seed \(seed)")
        #expect(history.lost == [], "seed \(seed)")
        #expect(history.outOfOrder == [], "seed \(seed)")
        #expect(history.handledBehindDeadLetters == [], "seed \(seed)")
        #expect(history.overlaps == [], "seed \(seed)")
        #expect(commits.setbacks == [], "seed \(seed)")
        let twice = history.handledTwice
        #expect(twice.outside.count * 100 < history.sent.count, "seed \(seed): \(twice.outside)")
        #expect(history.begunByZombies.count <= Self.lanes, "seed \(seed)")
        try await expectEffects(of: story, history, seed)
    }

    private func expectEffects(of story: GroupStory, _ history: CallHistory, _ seed: UInt64) async throws {
        let store = try PageStore(story.database)
        let done = history.done
        #expect(try await store.eventCount() == done.count, "seed \(seed)")
        let byKey = Dictionary(grouping: done.values.compactMap(\.first), by: \.key)
        for page in try await store.pages() {
            let calls = byKey[page.id] ?? []
            #expect(page.events == calls.count, "seed \(seed): \(page)")
            #expect(page.lastOccurredAt.flatMap { Int($0) } == calls.map(\.number).max(), "seed \(seed): \(page)")
        }
    }

    private func report(_ history: CallHistory, _ commits: CommitHistory, _ seed: UInt64) {
        let twice = history.handledTwice
        let share = { (count: Int) in String(format: "%.2f %%", 100 * Double(count) / Double(history.sent.count)) }
        print(
            """
            seed \(seed): \(history.sentCount) records of \(history.sent.count) events, \(history.calls.count) calls, \
            \(history.done.count) events done, \(history.given.count) dead of \(history.parkedFrom.count) keys, \
            \(commits.count) commits; handled twice: \(share(twice.inside.count)) inside windows of killed, frozen and \
            cut off members, \(share(twice.outside.count)) outside; overlapping calls of zombies: \
            \(history.overlappingPairs.count), begun by them: \(history.begunByZombies.count); \
            \(history.absences.map { "\($0.member) \($0.kind)" }.joined(separator: ", "))
            """
        )
    }
}
