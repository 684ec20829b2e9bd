import Kafka
import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct LaneQueueTests {
    private static let window = Duration.milliseconds(100)

    private func queued(
        _ offset: Int64,
        time: Int64?,
        at now: Duration = .zero,
        mark: RedriveMark? = nil
    ) -> QueuedRecord {
        let record = Kafka.Record.event(offset, key: "k", time: time, mark: mark)
        let ticket = PartitionWork.Ticket(source: .topic, number: Int(offset), edition: 0)
        return QueuedRecord(ReadRecord(record), ticket: ticket, releaseAt: now + Self.window)
    }

    /// What goes at that time, by ticket.
    private func taken(_ queue: inout LaneQueue, _ now: Duration, count: Int = .max) -> [Int] {
        var tickets: [Int] = []
        while tickets.count < count, let next = queue.take(at: now) { tickets.append(next.ticket.number) }
        return tickets
    }

    @Test
    func `without a window records go at once, in the topic's order`() {
        var queue = LaneQueue(isReordering: false)
        #expect(queue.isEmpty && queue.dueAt == nil && !queue.hasDue(at: .zero))
        #expect(taken(&queue, .zero) == [])
        for offset in Int64(0)..<5 { queue.append(queued(offset, time: 100 - offset)) }
        #expect(queue.dueAt == .zero && queue.hasDue(at: .zero) && queue.count == 5)
        #expect(taken(&queue, .zero, count: 4) == [0, 1, 2, 3])
        let rest = queue.removeAll().map(\.ticket.number)
        #expect(rest == [4] && queue.isEmpty)
    }

    @Test
    func `with a window what has waited long enough takes with it what occurred before`() {
        var queue = LaneQueue(isReordering: true)
        queue.append(queued(0, time: 500))
        queue.append(queued(1, time: 300, at: .milliseconds(60)))
        queue.append(queued(2, time: 700, at: .milliseconds(90)))
        #expect(queue.dueAt == Self.window)
        #expect(taken(&queue, .milliseconds(99)) == [])
        #expect(taken(&queue, .milliseconds(100)) == [1, 0])
        #expect(taken(&queue, .milliseconds(189)) == [])
        #expect(taken(&queue, .milliseconds(190)) == [2])
    }

    @Test
    func `events of one time, and records without one, keep the topic's order`() {
        var queue = LaneQueue(isReordering: true)
        for offset in Int64(0)..<4 { queue.append(queued(offset, time: 500)) }
        #expect(taken(&queue, Self.window) == [0, 1, 2, 3])
        // Without a time of the event the record's own counts, which here is its offset.
        for offset in Int64(4)..<8 { queue.append(queued(offset, time: nil)) }
        #expect(taken(&queue, Self.window) == [4, 5, 6, 7])
    }

    @Test
    func `redriven records keep their order, behind what waits`() {
        var queue = LaneQueue(isReordering: true)
        queue.append(queued(0, time: 900))
        for offset in Int64(1)..<5 { queue.append(queued(offset, time: 500 - offset, mark: .own("r", offset))) }
        #expect(taken(&queue, Self.window) == [0, 1, 2, 3, 4])
    }

    private struct Waiting {
        let record: QueuedRecord
        let arrivedAt: Duration
        let sortTime: Int64
        var takenAt = Duration.zero
    }

    @Test
    func `nothing waits longer than the window, and nothing that came within it is overtaken`() {
        var generator = SeededGenerator()
        for _ in 0..<100 {
            var queue = LaneQueue(isReordering: true)
            var waiting: [Waiting] = []
            var taken: [Waiting] = []
            var now = Duration.zero
            for offset in Int64(0)..<60 {
                let mark: RedriveMark? = Int.random(in: 0..<6, using: &generator) == 0 ? .own("r", offset) : nil
                let record = queued(offset, time: Int64.random(in: 0..<40, using: &generator), at: now, mark: mark)
                // A redriven record counts as newer than all that waits.
                let newest = mark == nil ? nil : waiting.map(\.sortTime).max()
                let sortTime = max(record.sortTime, newest ?? record.sortTime)
                queue.append(record)
                waiting.append(Waiting(record: record, arrivedAt: now, sortTime: sortTime))
                now += .milliseconds(Int.random(in: 0..<60, using: &generator))
                drain(&queue, until: now, &waiting, &taken, generator)
            }
            drain(&queue, until: now + Self.window, &waiting, &taken, generator)
            #expect(waiting.isEmpty && queue.isEmpty, "\(generator)")
            expectOrdered(taken, generator)
        }
    }

    /// Takes what is due at each moment at which something is, as the loop does.
    private func drain(
        _ queue: inout LaneQueue,
        until end: Duration,
        _ waiting: inout [Waiting],
        _ taken: inout [Waiting],
        _ generator: SeededGenerator
    ) {
        while let due = queue.dueAt, due <= end {
            #expect(due == waiting.map { $0.arrivedAt + Self.window }.min(), "\(generator)")
            #expect(queue.hasDue(at: due) && !queue.hasDue(at: due - .nanoseconds(1)), "\(generator)")
            while let next = queue.take(at: due) {
                guard let place = waiting.firstIndex(where: { $0.record.ticket.number == next.ticket.number }) else {
                    Issue.record("\(generator): \(next.ticket.number) was taken twice")
                    return
                }
                let least = waiting.map(\.sortTime).min()
                let first = waiting.first { $0.sortTime == least }
                #expect(next.ticket.number == first?.record.ticket.number, "\(generator)")
                #expect(due <= waiting[place].arrivedAt + Self.window, "\(generator)")
                waiting[place].takenAt = due
                taken.append(waiting.remove(at: place))
            }
            #expect(!queue.hasDue(at: due) && queue.count == waiting.count, "\(generator)")
        }
    }

    private func expectOrdered(_ taken: [Waiting], _ generator: SeededGenerator) {
        for (place, earlier) in taken.enumerated() {
            for later in taken[(place + 1)...] {
                let isOvertaken = later.sortTime < earlier.sortTime
                // Who is overtaken came when the other had gone already.
                if isOvertaken { #expect(later.arrivedAt >= earlier.takenAt, "\(generator)") }
                if later.sortTime == earlier.sortTime {
                    #expect(later.record.ticket.number > earlier.record.ticket.number, "\(generator)")
                }
                if earlier.record.facts.mark != nil, later.record.facts.mark != nil {
                    #expect(later.record.ticket.number > earlier.record.ticket.number, "\(generator)")
                }
            }
        }
    }
}
