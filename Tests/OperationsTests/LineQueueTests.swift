import TestSupport
import Testing

@testable import Operations

@Suite
struct LineQueueTests {
    private func line(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func isWaking(_ text: String, _ queue: inout LineQueue) -> Bool { queue.append(line(text)) }
    private func next(_ queue: inout LineQueue) -> LineQueue.Batch? { queue.take() }

    @Test
    func `lines come out together and in their order, and only the first one wakes the writer`() throws {
        var queue = LineQueue(bytesMax: 100)
        #expect(next(&queue) == nil)
        #expect(isWaking("a", &queue))
        #expect(!isWaking("b", &queue))
        let taken = queue.take()
        let batch = try #require(taken)
        #expect(batch == .init(lines: [line("a"), line("b")], dropped: 0))
        #expect(isWaking("c", &queue), "the writer has taken what was there")
    }

    @Test
    func `what finds no room is counted behind what was there, and nothing passes it`() {
        var queue = LineQueue(bytesMax: 4)
        _ = queue.append(line("abc"))
        _ = queue.append(line("de"))
        _ = queue.append(line("f"))
        #expect(next(&queue) == .init(lines: [line("abc")], dropped: 2))
        #expect(queue.lost == 2)
        _ = queue.append(line("g"))
        #expect(next(&queue) == .init(lines: [line("g")], dropped: 0))
    }

    @Test
    func `a line that is longer than all the room is taken alone`() {
        var queue = LineQueue(bytesMax: 2)
        _ = queue.append(line("long"))
        _ = queue.append(line("x"))
        #expect(next(&queue) == .init(lines: [line("long")], dropped: 1))
    }

    @Test
    func `what was taken is settled when the writer is done with it, and what the stream refused is lost`() throws {
        var queue = LineQueue(bytesMax: 100)
        _ = queue.append(line("a"))
        _ = queue.append(line("b"))
        #expect(queue.isSettled(upTo: 0) && !queue.isSettled(upTo: 2))
        let taken = queue.take()
        let batch = try #require(taken)
        _ = queue.append(line("c"))
        #expect(!queue.isSettled(upTo: 1))
        queue.settle(batch, unwritten: 1)
        #expect(queue.isSettled(upTo: 2) && !queue.isSettled(upTo: queue.accepted))
        #expect(queue.lost == 1)
    }

    @Test
    func `whatever comes in whatever order, each line is written once in its order or counted as lost`() {
        var random = SeededGenerator()
        for _ in 0..<300 {
            var queue = LineQueue(bytesMax: 50)
            var posted = 0
            var (written, dropped) = ([Int](), 0)
            func drain() {
                while let batch = queue.take() {
                    written += batch.lines.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
                    dropped += batch.dropped
                    queue.settle(batch, unwritten: 0)
                }
            }
            for _ in 0..<Int.random(in: 0...200, using: &random) {
                if Int.random(in: 0...9, using: &random) == 0 { drain() }
                _ = queue.append(line(String(posted)))
                posted += 1
            }
            drain()
            #expect(written == written.sorted() && Set(written).count == written.count, "\(random)")
            #expect(written.count + dropped == posted && queue.lost == dropped, "\(random)")
            #expect(queue.isSettled(upTo: queue.accepted), "\(random)")
        }
    }
}
