import Kafka
import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct RebalanceTests {
    private static let first = [TopicPartition(topic: "t", partition: 1)]
    private static let second = [TopicPartition(topic: "t", partition: 2)]

    /// What happens to a rebalance.
    enum Input: CustomStringConvertible {
        case take(RebalanceStateMachine.Event)
        case prepared
        case advance(busy: Int)
        case committed
        case wait(Int)

        var description: String {
            switch self {
            case .take(.assigned(let partitions)): "assigned \(partitions.map(\.partition))"
            case .take(.revoked(let partitions, let isLost)):
                "\(isLost ? "lost" : "revoked") \(partitions.map(\.partition))"
            case .prepared: "prepared"
            case .advance(let busy): "busy \(busy)"
            case .committed: "committed"
            case .wait(let seconds): "\(seconds) s"
            }
        }
    }

    private static func assigned(_ partitions: [TopicPartition]) -> Input { .take(.assigned(partitions)) }
    private static func revoked(_ partitions: [TopicPartition], isLost: Bool = false) -> Input {
        .take(.revoked(partitions, isLost: isLost))
    }

    static let stories: [(name: String, steps: [(Input, [RebalanceStateMachine.Action])])] = [
        (
            "a partition comes",
            [
                (.advance(busy: 0), []), (.committed, []), (.prepared, []), (assigned(first), [.prepare(first)]),
                (.wait(3600), []), (.committed, []), (.prepared, []),
            ]
        ),
        (
            "a partition leaves in peace",
            [
                (revoked(first), [.drain(first)]), (.advance(busy: 2), []), (.wait(29), []), (.prepared, []),
                (.committed, []), (.advance(busy: 0), [.commit(first)]), (.advance(busy: 0), []),
                (.committed, [.release(first, isLost: false)]), (.committed, []),
            ]
        ),
        (
            "a handler is slow",
            [
                (revoked(first), [.drain(first)]), (.wait(30), []), (.advance(busy: 1), [.cancel(first)]),
                (.advance(busy: 1), []), (.advance(busy: 0), [.commit(first)]),
                (.committed, [.release(first, isLost: false)]),
            ]
        ),
        (
            "a handler does not end, and the broker does not answer",
            [
                (revoked(first), [.drain(first)]), (.wait(31), []), (.advance(busy: 1), [.cancel(first)]),
                (.wait(1), []), (.advance(busy: 1), []), (.wait(1), []), (.advance(busy: 1), [.commit(first)]),
                (.wait(4), []), (.advance(busy: 1), []), (.wait(1), []),
                (.advance(busy: 1), [.release(first, isLost: false)]),
            ]
        ),
        (
            "a partition is lost",
            [
                (revoked(first, isLost: true), [.drain(first), .cancel(first)]), (.advance(busy: 1), []),
                (.wait(2), []), (.advance(busy: 1), [.release(first, isLost: true)]),
            ]
        ),
        (
            "a lost partition is let go as soon as nothing runs",
            [
                (revoked(first, isLost: true), [.drain(first), .cancel(first)]),
                (.advance(busy: 0), [.release(first, isLost: true)]),
            ]
        ),
        (
            "one thing after the other",
            [
                (assigned(first), [.prepare(first)]), (revoked(first), []), (assigned(second), []),
                (.advance(busy: 0), []), (.prepared, [.drain(first)]), (.advance(busy: 0), [.commit(first)]),
                (.prepared, []), (.committed, [.release(first, isLost: false), .prepare(second)]), (.prepared, []),
            ]
        ),
        (
            "after one that is lost comes the next",
            [
                (revoked(first, isLost: true), [.drain(first), .cancel(first)]), (revoked(second), []),
                (.advance(busy: 0), [.release(first, isLost: true), .drain(second)]),
                (.advance(busy: 0), [.commit(second)]), (.committed, [.release(second, isLost: false)]),
            ]
        ),
    ]

    @Test(arguments: stories.indices)
    func `each event leads to its actions`(index: Int) {
        let story = Self.stories[index]
        var rebalance = RebalanceStateMachine(RebalanceStateMachine.Deadlines())
        var now = Duration.seconds(100)
        for (place, (input, expected)) in story.steps.enumerated() {
            let actions = Self.give(input, to: &rebalance, &now)
            #expect(actions == expected, "\(story.name), step \(place): \(input)")
        }
        #expect(rebalance.isSteady && rebalance.due == nil && rebalance.leaving.isEmpty, "\(story.name)")
    }

    private static func give(
        _ input: Input,
        to rebalance: inout RebalanceStateMachine,
        _ now: inout Duration
    ) -> [RebalanceStateMachine.Action] {
        switch input {
        case .take(let event): return rebalance.take(event, at: now)
        case .prepared: return rebalance.prepared(at: now)
        case .advance(let busy): return rebalance.advance(at: now, busy: busy)
        case .committed: return rebalance.committed(at: now)
        case .wait(let seconds):
            now += .seconds(seconds)
            return []
        }
    }

    /// Judges actions by what was promised, and not by how it is done.
    private struct Judge {
        var waiting: [RebalanceStateMachine.Event] = []
        /// What has been begun and is not over.
        var open: RebalanceStateMachine.Event?
        var steps: [String] = []

        mutating func note(_ action: RebalanceStateMachine.Action) -> Bool {
            switch action {
            case .prepare(let partitions): return open(.assigned(partitions), "prepare")
            case .drain(let partitions):
                guard case .revoked(partitions, let isLost)? = waiting.first else { return false }
                return open(.revoked(partitions, isLost: isLost), "drain")
            case .cancel(let partitions):
                guard case .revoked(partitions, _)? = open, steps == ["drain"] else { return false }
                steps.append("cancel")
            case .commit(let partitions):
                guard case .revoked(partitions, false)? = open, !steps.contains("commit") else { return false }
                steps.append("commit")
            case .release(let partitions, let isLost):
                guard open == .revoked(partitions, isLost: isLost), steps.first == "drain" else { return false }
                guard steps.contains(isLost ? "cancel" : "commit") else { return false }
                open = nil
            }
            return true
        }

        private mutating func open(_ event: RebalanceStateMachine.Event, _ step: String) -> Bool {
            guard open == nil, waiting.first == event else { return false }
            waiting.removeFirst()
            (open, steps) = (event, [step])
            return true
        }
    }

    @Test
    func `nothing begins before the last is over, and nothing is let go before it was drained`() {
        var generator = SeededGenerator()
        for _ in 0..<50 {
            var rebalance = RebalanceStateMachine(RebalanceStateMachine.Deadlines())
            var judge = Judge()
            var now = Duration.zero
            for number in 0..<400 {
                let input = randomInput(Int32(number), &generator)
                if case .take(let event) = input { judge.waiting.append(event) }
                if case .prepared = input, case .assigned? = judge.open { judge.open = nil }
                for action in Self.give(input, to: &rebalance, &now) {
                    let isRight = judge.note(action)
                    #expect(isRight, "\(generator) step \(number): \(action)")
                }
                expectOpen(judge, rebalance, generator, number)
            }
            finish(&rebalance, &judge, now, generator)
        }
    }

    private func expectOpen(
        _ judge: Judge,
        _ rebalance: RebalanceStateMachine,
        _ generator: SeededGenerator,
        _ number: Int
    ) {
        #expect(rebalance.isSteady == (judge.open == nil && judge.waiting.isEmpty), "\(generator) step \(number)")
        guard case .revoked(let partitions, _)? = judge.open else {
            return #expect(rebalance.due == nil && rebalance.leaving.isEmpty, "\(generator) step \(number)")
        }
        #expect(rebalance.due != nil, "\(generator) step \(number)")
        let expected = judge.steps.contains("commit") ? [] : partitions
        #expect(rebalance.leaving == expected, "\(generator) step \(number)")
    }

    private func randomInput(_ number: Int32, _ generator: inout SeededGenerator) -> Input {
        let partitions = [TopicPartition(topic: "t", partition: number)]
        switch Int.random(in: 0..<20, using: &generator) {
        case 0...1: return .take(.assigned(partitions))
        case 2: return .take(.revoked(partitions, isLost: false))
        case 3: return .take(.revoked(partitions, isLost: true))
        case 4...6: return .prepared
        case 7...9: return .committed
        case 10...12: return .wait(Int.random(in: 0...20, using: &generator))
        case 13...15: return .advance(busy: 0)
        default: return .advance(busy: Int.random(in: 1...3, using: &generator))
        }
    }

    /// Whatever is still open or waiting comes to its end by deadlines alone.
    private func finish(
        _ rebalance: inout RebalanceStateMachine,
        _ judge: inout Judge,
        _ start: Duration,
        _ generator: SeededGenerator
    ) {
        var now = start
        for _ in 0..<2000 where !rebalance.isSteady {
            if case .assigned? = judge.open { judge.open = nil }
            var actions = rebalance.prepared(at: now)
            now = max(now, rebalance.due ?? now)
            actions += rebalance.advance(at: now, busy: 1)
            for action in actions {
                let isRight = judge.note(action)
                #expect(isRight, "\(generator): \(action)")
            }
        }
        #expect(rebalance.isSteady && judge.open == nil && judge.waiting.isEmpty, "\(generator)")
    }
}
