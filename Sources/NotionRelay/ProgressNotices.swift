import Synchronization

/// How a long command is going, for whoever watches: lines that change on a terminal, a line of JSON a second
/// otherwise.
final class ProgressNotices: Sendable {
    private let status: StatusLine
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    /// `interval` is that of the lines on a terminal.
    init(every interval: Duration) {
        status = StatusLine(every: interval)
    }

    /// Shows either, if it is time for it; only then it is made.
    func show(lines: () -> [String], json: () -> String) {
        if status.isShown {
            status.show(lines)
        } else if isDue {
            StandardStreams.notice(json())
        }
    }

    /// Takes away what is on the screen.
    func end() { status.clear() }

    private var isDue: Bool {
        last.withLock { last in
            let now = ContinuousClock.now
            // A replay tells of itself each half second, give or take a little.
            if let before = last, now - before < .milliseconds(990) { return false }
            last = now
            return true
        }
    }
}
