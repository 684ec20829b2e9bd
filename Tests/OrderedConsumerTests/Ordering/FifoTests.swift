import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct FifoTests {
    @Test
    func `it is an array that is appended to at the end and taken from at the front`() {
        var generator = SeededGenerator()
        for _ in 0..<20 {
            var fifo = Fifo<Int>()
            var model: [Int] = []
            // Phases that grow and phases that shrink, so that the places in front are given back in both.
            var appends = 1
            for step in 0..<2000 {
                if step % 250 == 0 { appends = Int.random(in: 1...9, using: &generator) }
                if Int.random(in: 0..<10, using: &generator) < appends {
                    fifo.append(step)
                    model.append(step)
                } else {
                    let (removed, expected) = (fifo.removeFirst(), model.first)
                    model = Array(model.dropFirst())
                    #expect(removed == expected, "\(generator)")
                }
                if let place = model.indices.randomElement(using: &generator) {
                    #expect(fifo[place] == model[place], "\(generator)")
                    fifo[place] += 10_000
                    model[place] += 10_000
                }
                #expect(fifo.first == model.first && fifo.count == model.count, "\(generator)")
                #expect(fifo.isEmpty == model.isEmpty, "\(generator)")
            }
        }
    }

    @Test
    func `what was taken is freed when the queue is empty`() {
        final class Token {}
        var fifo = Fifo<Token>()
        weak var token: Token?
        do {
            let made = Token()
            token = made
            fifo.append(made)
        }
        #expect(token != nil)
        _ = fifo.removeFirst()
        #expect(token == nil)
    }
}
