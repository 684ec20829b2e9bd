import TestSupport
import Testing

@testable import Replayer

struct InFlightRecordsTests {
    @Test
    func `a partition is done as far as no record before is open, in whatever order they end`() {
        var inFlight = InFlightRecords(capacity: 8, next: [0: 10, 1: 20])
        let first = inFlight.nextSlot
        inFlight.offer(partition: 0, offset: 10)
        let second = inFlight.nextSlot
        inFlight.offer(partition: 1, offset: 25)
        inFlight.skip(partition: 0, offset: 11)
        inFlight.settle(second)
        #expect(inFlight.next == [0: 10, 1: 20] && inFlight.unsettled == 1)
        inFlight.settle(first)
        #expect(inFlight.next == [0: 12, 1: 26] && inFlight.unsettled == 0 && inFlight.count == 0)
        inFlight.skip(partition: 1, offset: 30)
        #expect(inFlight.next == [0: 12, 1: 31])
    }

    /// The model: a list of all records with a flag each.
    @Test
    func `whatever is offered, skipped and settled, what is done is what a list says`() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let capacity = Int.random(in: 1...12, using: &random)
            var inFlight = InFlightRecords(capacity: capacity, next: [0: 0, 1: 0, 2: 0])
            var model: [(partition: Int32, offset: Int64, isSettled: Bool)] = []
            var open: [(slot: Int, index: Int)] = []
            var offsets: [Int32: Int64] = [0: 0, 1: 0, 2: 0]
            for _ in 0..<120 {
                if !inFlight.isFull, Bool.random(using: &random) {
                    let partition = Int32.random(in: 0...2, using: &random)
                    let offset = (offsets[partition] ?? 0) + Int64.random(in: 0...2, using: &random)
                    offsets[partition] = offset + 1
                    let isSkipped = Int.random(in: 0..<3, using: &random) == 0
                    if isSkipped {
                        inFlight.skip(partition: partition, offset: offset)
                    } else {
                        open.append((inFlight.nextSlot, model.count))
                        inFlight.offer(partition: partition, offset: offset)
                    }
                    model.append((partition, offset, isSkipped))
                } else if !open.isEmpty {
                    let ended = open.remove(at: Int.random(in: 0..<open.count, using: &random))
                    model[ended.index].isSettled = true
                    inFlight.settle(ended.slot)
                }
                var next: [Int32: Int64] = [0: 0, 1: 0, 2: 0]
                for entry in model.prefix(while: \.isSettled) { next[entry.partition] = entry.offset + 1 }
                #expect(inFlight.next == next, "\(random)")
                #expect(inFlight.unsettled == open.count, "\(random)")
            }
        }
    }
}
