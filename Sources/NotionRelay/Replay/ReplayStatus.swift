import Operations
import Replayer
import Synchronization

/// How a replay is going, for whoever watches: two lines that change on a terminal, a line of JSON a second otherwise.
final class ReplayStatus: Sendable {
    private let status = StatusLine(every: .milliseconds(400))
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    func show(_ progress: ReplayProgress) {
        if status.isShown {
            status.show { progress.lines }
        } else if isDue {
            StandardStreams.notice(progress.json)
        }
    }

    /// Takes away what is on the screen.
    func end() { status.clear() }

    private var isDue: Bool {
        last.withLock { last in
            let now = ContinuousClock.now
            if let before = last, now - before < .milliseconds(990) { return false }
            last = now
            return true
        }
    }
}
