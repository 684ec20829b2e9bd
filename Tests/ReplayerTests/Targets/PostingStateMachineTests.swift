import Kafka
import OrderedConsumer
import OutgoingWebhooks
import TestSupport
import Testing

@testable import Replayer

@Suite
struct PostingStateMachineTests {
    private static let later = AnswerVerdict.retry(
        after: nil,
        reason: "status_503",
        message: "the service answered 503"
    )
    private static let refused = AnswerVerdict.deadLetter(reason: "status_404", message: "the service answered 404")

    @Test
    func `keys go at once, and one key's records one after the other`() {
        let test = PostingUnderTest()
        for (slot, key) in ["a", "b", "a", nil, nil].enumerated() {
            #expect(test.offer(.event(key), slot: slot))
        }
        #expect(test.begun() == [0, 1, 3, 4])
        test.finish(0, .done)
        #expect(test.begun() == [2])
        #expect(test.settled() == [.init(slot: 0, outcome: .sent)] && !test.machine.hasSettled)
    }

    @Test
    func `no more are under way than may be`() {
        let test = PostingUnderTest()
        for slot in 0..<5 { _ = test.offer(Record.event(nil), slot: slot) }
        #expect(test.begun(2) == [0, 1])
        test.finish(1, .done)
        #expect(test.begun(1) == [])
        #expect(test.begun(2) == [2])
    }

    @Test
    func `a record that is tried again keeps its place, and only its key waits`() throws {
        let test = PostingUnderTest()
        let start = ContinuousClock.now
        for (slot, key) in ["a", "a", "b", "b"].enumerated() { _ = test.offer(Record.event(key), slot: slot) }
        #expect(test.begun() == [0, 2])
        test.finish(0, Self.later, at: start)
        test.finish(2, .done, at: start)
        #expect(test.begun() == [3])
        let due = try #require(test.machine.nextDue)
        #expect((start + .milliseconds(500)...start + .seconds(1)).contains(due))
        test.wake(at: due - .nanoseconds(1))
        #expect(test.begun() == [])
        test.wake(at: due)
        let again = try #require(test.take())
        #expect(again.slot == 0 && again.attempt == 2 && test.machine.nextDue == nil)
        test.finish(0, .done, at: due)
        // The next one's attempts are its own.
        #expect(test.take()?.attempt == 1)
    }

    @Test
    func `a service that asks for time gets it`() throws {
        let test = PostingUnderTest()
        let start = ContinuousClock.now
        _ = test.offer(Record.event("a"), slot: 0)
        #expect(test.begun() == [0])
        test.finish(0, .retry(after: .seconds(20), reason: "x", message: "x"), at: start)
        #expect(test.machine.nextDue == start + .seconds(20))
    }

    @Test
    func `a refused record has failed, and its key goes on`() {
        let test = PostingUnderTest()
        for slot in 0...1 { _ = test.offer(Record.event("a", id: "x\n\(slot)"), slot: slot) }
        #expect(test.begun() == [0])
        test.finish(0, Self.refused)
        #expect(test.settled() == [.init(slot: 0, outcome: .failed("event x%0A0: the service answered 404"))])
        #expect(test.begun() == [1])
    }

    @Test
    func `when the attempts are used up nothing more begins, and what is under way is still settled`() {
        let test = PostingUnderTest()
        var now = ContinuousClock.now
        for (slot, key) in ["a", "b", "a", "b"].enumerated() { _ = test.offer(Record.event(key), slot: slot) }
        #expect(test.begun() == [0, 1])
        for _ in 0..<2 {
            test.finish(0, Self.later, at: now)
            now += .seconds(60)
            test.wake(at: now)
            #expect(test.machine.trouble == nil && test.begun() == [0])
        }
        test.finish(0, Self.later, at: now)
        #expect(
            test.machine.trouble?.description
                == "event a-1 was given up after 3 attempts: the service answered 503; what was sent stays sent, and "
                + "the replay can be resumed"
        )
        test.finish(1, .done, at: now)
        #expect(test.begun() == [] && test.machine.nextDue == nil && test.machine.underWayCount == 0)
        #expect(test.settled() == [.init(slot: 1, outcome: .sent)])
    }

    @Test
    func `records and bytes have their room, and one is taken in any case`() {
        let test = PostingUnderTest(.init(recordsMax: 3, bytesMax: 40))
        // Each has 8 bytes beside its value.
        #expect(test.offer(Record.event(nil, value: 100), slot: 0))
        #expect(!test.offer(Record.event(nil), slot: 1))
        #expect(test.begun() == [0])
        test.finish(0, .done)
        for (slot, isTaken) in [(1, true), (2, true), (3, true), (4, false)] {
            #expect(test.offer(Record.event(nil), slot: slot) == isTaken, "\(slot)")
        }
        #expect(test.machine.records == 3 && test.machine.bytes == 30)
    }

    @Test
    func `messages are lines, whatever the service and the event are called`() {
        let test = PostingUnderTest()
        _ = test.offer(Record.event("a", id: String(repeating: "\n", count: 256)), slot: 0)
        #expect(test.begun() == [0])
        test.finish(
            0,
            .deadLetter(reason: "x", message: "a\r\n\u{1B}[2J" + String(repeating: "y", count: 9_000))
        )
        guard case .failed(let line)? = test.settled().first?.outcome else {
            Issue.record("the record has not failed")
            return
        }
        #expect(line.utf8.count <= 512 && line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }
}

/// A ``PostingStateMachine`` as an object, so that expectations can call what changes it.
final class PostingUnderTest {
    var machine: PostingStateMachine

    init(
        _ limits: PostingStateMachine.Limits = .init(),
        retry: RetryPolicy = RetryPolicy(attemptsMax: 3, firstDelay: .seconds(1), delayMax: .seconds(30)),
        seed: UInt64 = 1
    ) {
        machine = PostingStateMachine(limits, retry: retry, random: SeededGenerator(seed: seed))
    }

    func offer(_ record: Record, slot: Int) -> Bool { machine.offer(record, slot: slot) }

    func take(_ underWayMax: Int = 100) -> PostingStateMachine.Post? { machine.take(underWayMax: underWayMax) }

    /// All that may begin now.
    func begun(_ underWayMax: Int = 100) -> [Int] {
        var slots: [Int] = []
        while let post = take(underWayMax) { slots.append(post.slot) }
        return slots
    }

    func finish(_ slot: Int, _ verdict: AnswerVerdict, at now: ContinuousClock.Instant = .now) {
        machine.finish(slot, verdict, at: now)
    }

    func wake(at now: ContinuousClock.Instant) { machine.wake(at: now) }

    func settled() -> [PostingStateMachine.Settled] { machine.takeSettled() }
}

extension Record {
    /// An event of the topic `t`.
    static func event(_ key: String?, id: String = "a-1", value: Int = 2) -> Record {
        Record(
            topic: "t",
            key: key.map { Array($0.utf8) },
            headers: [.init(name: "ce_id", value: Array(id.utf8))],
            value: Array(repeating: 0x61, count: value)
        )
    }
}
