import Operations
import OrderedConsumer
import Replayer
import Synchronization

/// How a redrive is going, for whoever watches: one line that changes on a terminal, a line of JSON a second otherwise.
final class RedriveNotices: Sendable {
    private let last = Mutex<ContinuousClock.Instant?>(nil)
    private let isTerminal = StandardError.isTerminal

    func show(_ progress: Redriver.Progress) {
        guard isDue(isTerminal ? .milliseconds(100) : .seconds(1)) else { return }
        switch progress {
        case .reading(let reading):
            write("reading", reading.records, reading.recordsMax, "dead letters")
        case .sent(let sent, let total): write("sent", Int64(sent), Int64(total), "dead letters")
        case .waiting(let keys): write("waiting", Int64(keys), Int64(keys), "entities to be handled")
        }
    }

    private func isDue(_ interval: Duration) -> Bool {
        last.withLock { last in
            let now = ContinuousClock.now
            if let before = last, now - before < interval { return false }
            last = now
            return true
        }
    }

    private func write(_ step: String, _ count: Int64, _ total: Int64, _ what: String) {
        guard isTerminal else {
            return StandardStreams.notice(#"{"step":"\#(step)","count":\#(count),"of":\#(total)}"#)
        }
        // Back to the line's beginning, and away with what stood there.
        StandardError.write(Array("\r\u{1B}[K\(step) \(count) of \(total) \(what)\(count == total ? "\n" : "")".utf8))
    }
}
