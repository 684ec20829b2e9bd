import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct OffsetTrackerTests {
    /// What was added, as a list.
    private struct Model {
        var added: [(offset: Int64, ticket: Int, isDone: Bool)] = []
        let begin: Int64

        var end: Int64 { (added.last?.offset).map { $0 + 1 } ?? begin }
        var next: Int64 { added.first { !$0.isDone }?.offset ?? end }
        var unfinished: [Int] { added.indices.filter { !added[$0].isDone } }
    }

    @Test
    func `next is the first unfinished record, in whatever order they finish`() {
        var generator = SeededGenerator()
        for _ in 0..<60 {
            let begin = Int64.random(in: 0...1000, using: &generator)
            var tracker = OffsetTracker(next: begin)
            var model = Model(begin: begin)
            let finishing = Int.random(in: 2...8, using: &generator)
            for _ in 0..<400 {
                step(&tracker, &model, finishing, &generator)
                expectEqual(tracker, model, generator)
            }
            for place in model.unfinished.shuffled(using: &generator) {
                tracker.complete(model.added[place].ticket)
                model.added[place].isDone = true
            }
            expectEqual(tracker, model, generator)
            #expect(tracker.isFinished && tracker.next == tracker.end, "\(generator)")
        }
    }

    private func step(
        _ tracker: inout OffsetTracker,
        _ model: inout Model,
        _ finishing: Int,
        _ generator: inout SeededGenerator
    ) {
        let unfinished = model.unfinished
        if unfinished.isEmpty || Int.random(in: 0..<10, using: &generator) >= finishing {
            let gap = Int64.random(in: 0..<4, using: &generator)
            let offset = model.end + (gap == 3 ? Int64.random(in: 1...9, using: &generator) : 0)
            model.added.append((offset, tracker.add(offset, timestamp: offset * 10), false))
        } else {
            let place = unfinished[Int.random(in: 0..<unfinished.count, using: &generator)]
            let before = model.next
            let hasMoved = tracker.complete(model.added[place].ticket)
            model.added[place].isDone = true
            #expect(hasMoved == (model.next != before), "\(generator)")
        }
    }

    private func expectEqual(_ tracker: OffsetTracker, _ model: Model, _ generator: SeededGenerator) {
        #expect(tracker.next == model.next && tracker.end == model.end, "\(generator)")
        let rest = model.added.drop { $0.isDone }
        #expect(tracker.count == rest.count && tracker.isFinished == rest.isEmpty, "\(generator)")
        #expect(tracker.oldestTimestamp == rest.first.map { $0.offset * 10 }, "\(generator)")
        var covered: Set<Int64> = []
        var last = model.next
        for range in tracker.doneAhead {
            // Apart from each other and from next, and in order.
            #expect(range.lowerBound > last && range.upperBound < tracker.end, "\(generator)")
            last = range.upperBound + 1
            covered.formUnion(range)
        }
        for entry in rest { #expect(covered.contains(entry.offset) == entry.isDone, "\(generator)") }
    }

    @Test
    func `offsets that are not there count as done`() {
        var tracker = OffsetTracker(next: 5)
        let first = tracker.add(8)
        #expect(tracker.next == 8)
        let second = tracker.add(12)
        let third = tracker.add(20)
        tracker.complete(second)
        #expect(tracker.next == 8 && tracker.doneAhead == [12...19])
        tracker.complete(first)
        #expect(tracker.next == 20 && tracker.doneAhead == [])
        tracker.complete(third)
        #expect(tracker.next == 21 && tracker.isFinished)
    }

    @Test
    func `what is done runs up to the next unfinished record`() {
        var tracker = OffsetTracker(next: 0)
        let tickets = [0, 1, 2, 5, 6, 9].map { tracker.add($0) }
        for place in [1, 3, 5] { tracker.complete(tickets[place]) }
        #expect(tracker.doneAhead == [1...1, 5...5, 9...9])
        tracker.complete(tickets[2])
        #expect(tracker.doneAhead == [1...5, 9...9])
    }
}
