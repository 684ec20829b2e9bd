import HTTPServer
import Synchronization
import Testing

@testable import Operations

@Suite
struct LoopWatchTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        var log: Log {
            Log(
                format: .text,
                sink: { line in self.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } },
                now: { 0 }
            )
        }

        /// The lines since the last call, without time and hint.
        func take() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines.map { line in
                    let text = line.dropFirst(25).dropLast()
                    return String(text.firstRange(of: " hint").map { text[..<$0.lowerBound] } ?? text)
                }
            }
        }
    }

    @Test
    func `a loop that stands still makes the process not live while it does, and is told once`() {
        let lines = Lines()
        let stalls = Mutex<[LoopStall]>([])
        let health = Health()
        let watch = LoopWatch(log: lines.log, now: { 1_791_277_367_713 })
        watch.add("public", to: health) { bound in
            #expect(bound == LoopWatch.bound)
            return stalls.withLock { $0 }
        }
        watch.look()
        #expect(health.isLive && lines.take() == [])

        stalls.withLock { $0 = [LoopStall(loop: 1, duration: .seconds(12))] }
        let since = "2026-10-06T09:02:35.713Z"
        #expect(health.reasons(against: .live) == ["loops of the public port: loop 1 stands still since \(since)"])
        #expect(!health.isReady)
        watch.look()
        watch.look()
        #expect(lines.take() == ["error loop_stalled port=public loop=1 since=\(since)"])

        stalls.withLock { $0.append(LoopStall(loop: 2, duration: .seconds(11))) }
        watch.look()
        #expect(lines.take() == ["error loop_stalled port=public loop=2 since=2026-10-06T09:02:36.713Z"])
        stalls.withLock { $0 = Array($0.dropFirst()) }
        watch.look()
        #expect(lines.take() == ["info loop_moves_again port=public loop=1"])
        #expect(!health.isLive)

        stalls.withLock { $0 = [] }
        watch.look()
        #expect(lines.take() == ["info loop_moves_again port=public loop=2"])
        #expect(health.isLive)
    }
}
