import Dispatch
import Synchronization
import Testing

@testable import Operations

@Suite
struct StreamWriterTests {
    /// A stream whose reader the test plays: it takes nothing while the gate is closed.
    private final class Stream: Sendable {
        private struct State {
            var isBroken = false
            var text = ""
        }

        private let state = Mutex(State())
        private let gate = DispatchSemaphore(value: 0)
        private let begun = DispatchSemaphore(value: 0)

        func write(_ bytes: [UInt8]) -> Bool {
            begun.signal()
            gate.wait()
            return state.withLock { state in
                if !state.isBroken { state.text += String(decoding: bytes, as: UTF8.self) }
                return !state.isBroken
            }
        }

        /// The next writes go through.
        func open(_ writes: Int) { for _ in 0..<writes { gate.signal() } }
        func waitForWrite() { begun.wait() }
        func setBroken(_ isBroken: Bool) { state.withLock { $0.isBroken = isBroken } }
        var text: String { state.withLock { $0.text } }
    }

    private func writer(_ stream: Stream, bytesMax: Int = 1000) -> StreamWriter {
        let writer = StreamWriter("test-stream", bytesMax: bytesMax) { stream.write($0) }
        writer.setLossLine { Array("(\($0) lost)\n".utf8) }
        return writer
    }

    private func post(_ lines: String..., to writer: StreamWriter) {
        for line in lines { writer.post(Array((line + "\n").utf8)) }
    }

    @Test
    func `who posts does not wait for a reader that stands still, and gets told what was lost when it is back`() {
        let stream = Stream()
        let writer = writer(stream, bytesMax: 8)
        post("a", to: writer)
        stream.waitForWrite()
        // The first line is with the thread by now; four more have room.
        post("b", "c", "d", "e", "f", "g", to: writer)
        #expect(writer.lost == 2)
        #expect(stream.text.isEmpty)
        stream.open(1000)
        #expect(writer.flush(within: .seconds(10)))
        post("h", to: writer)
        #expect(writer.flush(within: .seconds(10)))
        #expect(stream.text == "a\nb\nc\nd\ne\n(2 lost)\nh\n")
    }

    @Test
    func `what a broken stream does not take is lost, and told once it takes lines again`() {
        let stream = Stream()
        stream.open(1000)
        stream.setBroken(true)
        let writer = writer(stream)
        for line in ["a", "b"] {
            post(line, to: writer)
            #expect(writer.flush(within: .seconds(10)))
        }
        #expect(writer.lost == 2)
        stream.setBroken(false)
        post("c", to: writer)
        #expect(writer.flush(within: .seconds(10)))
        #expect(stream.text == "(2 lost)\nc\n")
        #expect(writer.lost == 2, "the line that tells of them is none of them")
    }

    @Test
    func `a flush gives up at its deadline, and one with nothing to wait for returns at once`() {
        let stream = Stream()
        let writer = writer(stream)
        #expect(writer.flush(within: .zero))
        post("a", to: writer)
        #expect(!writer.flush(within: .milliseconds(1)))
        stream.open(1)
        #expect(writer.flush(within: .seconds(10)))
    }

    @Test
    func `a post that waits for room loses nothing while the reader is only slow`() {
        let stream = Stream()
        let writer = writer(stream, bytesMax: 4)
        stream.open(1000)
        for number in 0..<200 { writer.post(Array("\(number)\n".utf8), waitingForRoom: .seconds(10)) }
        #expect(writer.flush(within: .seconds(10)))
        #expect(stream.text == (0..<200).map { "\($0)\n" }.joined())
        #expect(writer.lost == 0)
    }
}
