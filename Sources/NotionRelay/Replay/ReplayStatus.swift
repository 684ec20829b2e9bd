import Operations
import Replayer
import Synchronization

/// Shows a replay's progress and notices on stderr, without either writing over the other.
final class ReplayStatus: Sendable {
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    func show(_ progress: ReplayProgress) {
        let isDue = last.withLock { last in
            let now = ContinuousClock.now
            if let before = last, now - before < .milliseconds(990) { return false }
            last = now
            return true
        }
        guard isDue else { return }
        StandardStreams.notice(progress.json)
    }

    func notice(_ line: String) {
        StandardStreams.notice(line)
    }

    func end() {}
}
