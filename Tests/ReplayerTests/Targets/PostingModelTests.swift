import Kafka
import OrderedConsumer
import OutgoingWebhooks
import TestSupport
import Testing

@testable import Replayer

/// ``PostingStateMachine`` beside plain lists, with records, answers and times from a seed.
@Suite
struct PostingModelTests {
    /// A record that was taken and is not settled.
    private struct Waiting {
        let slot: Int
        let key: String?
        let bytes: Int
        var failures = 0
        var isUnderWay = false
        var notBefore: ContinuousClock.Instant?
    }

    private final class Run {
        static let limits = PostingStateMachine.Limits(recordsMax: 12, bytesMax: 200)
        let retry = RetryPolicy(attemptsMax: 5, firstDelay: .milliseconds(500), delayMax: .seconds(4))
        let test: PostingUnderTest
        var generator: SeededGenerator
        /// Pauses are drawn from one like the machine's.
        var pauses: SeededGenerator
        var now = ContinuousClock.now
        /// In the order in which they were offered.
        var waiting: [Waiting] = []
        var expected: [PostingStateMachine.Settled] = []
        var isOver = false
        var slots = 0
        /// The first thing that was not as it should be.
        var flaw: String?
        /// One answer in so many is well.
        let trouble: Int

        init(_ generator: SeededGenerator) {
            self.generator = generator
            pauses = SeededGenerator(seed: generator.seed)
            test = PostingUnderTest(Self.limits, retry: retry, seed: generator.seed)
            trouble = Int.random(in: 0...2, using: &self.generator)
        }

        var goesOn: Bool { !isOver && flaw == nil }

        func ensure(_ holds: Bool, _ said: @autoclosure () -> String) {
            if !holds, flaw == nil { flaw = said() }
        }

        /// The first of its key, at rest, and its pause over.
        func mayBegin(_ place: Int) -> Bool {
            let one = waiting[place]
            guard !one.isUnderWay, one.notBefore.map({ $0 <= now }) ?? true else { return false }
            return one.key == nil || !waiting[..<place].contains { $0.key == one.key }
        }

        func offer() {
            let key = ["a", "b", "c", nil].randomElement(using: &generator) ?? nil
            let value = Int.random(in: 0...60, using: &generator)
            let record = Record.event(key, id: "\(slots)", value: value)
            let bytes = value + (key?.utf8.count ?? 0) + "ce_id\(slots)".utf8.count
            let sum = waiting.reduce(0) { $0 + $1.bytes }
            let hasRoom =
                waiting.isEmpty
                || (waiting.count < Self.limits.recordsMax && sum + bytes <= Self.limits.bytesMax)
            ensure(test.offer(record, slot: slots) == hasRoom, "\(slots) has room: \(hasRoom)")
            if hasRoom { waiting.append(Waiting(slot: slots, key: key, bytes: bytes)) }
            slots += 1
        }

        func take() {
            let underWayMax = Int.random(in: 1...4, using: &generator)
            test.wake(at: now)
            let may =
                isOver || waiting.count(where: \.isUnderWay) >= underWayMax ? [] : waiting.indices.filter(mayBegin)
            guard let post = test.take(underWayMax) else {
                ensure(may.isEmpty, "\(may.map { waiting[$0].slot }) could begin")
                return
            }
            guard let place = may.first(where: { waiting[$0].slot == post.slot }) else {
                return ensure(false, "\(post.slot) may not begin")
            }
            ensure(post.attempt == waiting[place].failures + 1, "\(post.slot) has attempt \(post.attempt)")
            waiting[place].isUnderWay = true
        }

        func finish(well: Bool = false) {
            guard let place = waiting.indices.filter({ waiting[$0].isUnderWay }).randomElement(using: &generator) else {
                return
            }
            let slot = waiting[place].slot
            waiting[place].isUnderWay = false
            switch well ? 0 : Int.random(in: 0...(2 + trouble * 2), using: &generator) {
            case 0, 1:
                test.finish(slot, .done, at: now)
                end(place, .sent)
            case 2:
                test.finish(slot, .deadLetter(reason: "x", message: "no"), at: now)
                end(place, .failed("event \(slot): no"))
            default:
                let asked = [nil, Duration.seconds(9)].randomElement(using: &generator) ?? nil
                test.finish(slot, .retry(after: asked, reason: "x", message: "later"), at: now)
                waiting[place].failures += 1
                if waiting[place].failures == retry.attemptsMax {
                    isOver = true
                } else {
                    let pause = retry.delay(afterAttempt: waiting[place].failures, atLeast: asked, &pauses)
                    waiting[place].notBefore = now + pause
                }
            }
        }

        private func end(_ place: Int, _ outcome: ReplayOutcome) {
            expected.append(PostingStateMachine.Settled(slot: waiting[place].slot, outcome: outcome))
            waiting.remove(at: place)
        }

        func check() {
            test.wake(at: now)
            let due = waiting.filter { !$0.isUnderWay }.compactMap(\.notBefore).filter { $0 > now }.min()
            let next = test.machine.nextDue
            ensure(next == (isOver ? nil : due), "due is \(String(describing: due)), not \(String(describing: next))")
            let (records, bytes) = (test.machine.records, test.machine.bytes)
            ensure(records == waiting.count, "\(waiting.count) wait, not \(records)")
            ensure(bytes == waiting.reduce(0) { $0 + $1.bytes }, "\(bytes) bytes are not those that wait")
            let underWay = waiting.count(where: \.isUnderWay)
            ensure(test.machine.underWayCount == underWay, "\(underWay) are under way")
            ensure((test.machine.trouble != nil) == isOver, "it is over: \(isOver)")
            ensure(test.machine.hasSettled == !expected.isEmpty, "\(expected.count) are settled")
            let settled = test.settled()
            ensure(settled == expected, "settled are \(expected), not \(settled)")
            expected = []
        }
    }

    @Test
    func `whatever comes, each key goes in order, and all find their end`() {
        var seeds = SeededGenerator()
        for _ in 0..<60 {
            let run = Run(SeededGenerator(seed: seeds.next()))
            for _ in 0..<300 where run.goesOn {
                switch Int.random(in: 0..<10, using: &run.generator) {
                case 0..<3: run.offer()
                case 3..<6: run.take()
                case 6..<9: run.finish()
                default: run.now += .milliseconds(Int.random(in: 0...2_000, using: &run.generator))
                }
                run.check()
            }
            // From now on the service answers well.
            for _ in 0..<100 where !run.waiting.isEmpty && run.goesOn {
                run.now = max(run.now, run.test.machine.nextDue ?? run.now)
                run.take()
                run.finish(well: true)
                run.check()
            }
            run.ensure(run.isOver || run.waiting.isEmpty, "\(run.waiting.count) find no end")
            if let flaw = run.flaw { Issue.record("\(seeds), run \(run.generator.seed): \(flaw)") }
        }
    }
}
