import Operations
import OrderedConsumer
import Replayer
import Synchronization

/// How a redrive is going, for whoever watches: a line that changes on a terminal, a line of JSON a second otherwise.
final class RedriveNotices: Sendable {
    private let status = StatusLine(every: .milliseconds(100))
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    func show(_ progress: Redriver.Progress) {
        switch progress {
        case .reading(let reading):
            show("reading", reading.records, reading.recordsMax, "dead letters")
        case .sent(let sent, let total): show("sent", Int64(sent), Int64(total), "dead letters")
        case .waiting(let keys): show("waiting", Int64(keys), Int64(keys), "entities to be handled")
        }
    }

    /// Takes away what is on the screen.
    func end() { status.clear() }

    private func show(_ step: String, _ count: Int64, _ total: Int64, _ what: String) {
        if status.isShown {
            status.show { ["\(step) \(count) of \(total) \(what)"] }
        } else if isDue {
            StandardStreams.notice(#"{"step":"\#(step)","count":\#(count),"of":\#(total)}"#)
        }
    }

    private var isDue: Bool {
        last.withLock { last in
            let now = ContinuousClock.now
            if let before = last, now - before < .seconds(1) { return false }
            last = now
            return true
        }
    }
}
