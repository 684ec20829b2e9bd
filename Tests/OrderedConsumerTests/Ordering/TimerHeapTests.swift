import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct TimerHeapTests {
    @Test
    func `the earliest comes first, whatever was put in when`() {
        var generator = SeededGenerator()
        for _ in 0..<30 {
            var heap = TimerHeap()
            var model: [TimerHeap.Entry] = []
            for step in 0..<600 {
                if model.isEmpty || Int.random(in: 0..<5, using: &generator) < 3 {
                    // Few different times, so that ties are common.
                    let due = Duration.milliseconds(Int.random(in: 0..<60, using: &generator))
                    let entry = TimerHeap.Entry(due: due, lane: step, stamp: step * 2)
                    heap.insert(entry)
                    model.append(entry)
                } else {
                    let least = model.map(\.due).min()
                    #expect(heap.first?.due == least, "\(generator)")
                    let removed = heap.removeFirst()
                    let place = model.firstIndex { $0 == removed }
                    #expect(place != nil && removed?.due == least, "\(generator)")
                    if let place { model.remove(at: place) }
                }
                #expect(heap.count == model.count, "\(generator)")
            }
            var last = Duration.zero
            while let entry = heap.removeFirst() {
                #expect(entry.due >= last, "\(generator)")
                last = entry.due
            }
        }
        var empty = TimerHeap()
        let none = empty.removeFirst()
        #expect(empty.first == nil && none == nil)
    }
}
