import Operations
import Synchronization

/// Up to four lines at the bottom of the terminal that tell how a command is doing, and change. Whatever is written to
/// stdout, stderr and the log meanwhile stands above them. Nothing at all where stderr is no terminal.
final class StatusLine: Sendable {
    /// Whether anybody sees it.
    let isShown: Bool
    private let interval: Duration
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    init(every interval: Duration = .seconds(1), isShown: Bool = StandardError.takesStatus) {
        self.interval = interval
        self.isShown = isShown
    }

    /// Shows the lines, if it is time for new ones; only then they are made.
    func show(_ lines: () -> [String]) {
        guard isShown, isDue else { return }
        StandardError.showStatus(lines())
    }

    /// Takes the lines away. The next ones are shown at once.
    func clear() {
        guard isShown else { return }
        last.withLock { $0 = nil }
        StandardError.showStatus([])
    }

    private var isDue: Bool {
        last.withLock { last in
            let now = ContinuousClock.now
            if let before = last, now - before < interval { return false }
            last = now
            return true
        }
    }
}

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
