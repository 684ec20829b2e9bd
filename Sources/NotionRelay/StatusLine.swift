import Operations
import Synchronization

/// Up to four lines at the bottom of the terminal that show the progress of a command. What is written to stdout,
/// stderr and the log meanwhile appears above them. Without a terminal on stderr nothing is shown.
final class StatusLine: Sendable {
    let isShown: Bool
    private let pace: StatusPace

    init(every interval: Duration = .seconds(1), isShown: Bool = StandardError.takesStatus) {
        pace = StatusPace(interval)
        self.isShown = isShown
    }

    /// Shows the lines if the interval has passed; they are only made then.
    func show(_ lines: () -> [String]) {
        guard isShown, pace.isDue else { return }
        StandardError.showStatus(lines())
    }

    func clear() {
        guard isShown else { return }
        pace.reset()
        StandardError.showStatus([])
    }
}

/// Progress of a long command: status lines on a terminal, otherwise a line of JSON a second.
final class ProgressNotices: Sendable {
    private let status: StatusLine
    // A replay reports every half second, give or take a little.
    private let pace = StatusPace(.milliseconds(990))

    /// `interval` is that of the lines on a terminal.
    init(every interval: Duration) { status = StatusLine(every: interval) }

    func show(lines: () -> [String], json: () -> String) {
        if status.isShown {
            status.show(lines)
        } else if pace.isDue {
            StandardStreams.notice(json())
        }
    }

    func end() { status.clear() }
}

private final class StatusPace: Sendable {
    private let interval: Duration
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    init(_ interval: Duration) { self.interval = interval }

    var isDue: Bool {
        last.withLock { last in
            let now = ContinuousClock.now
            if let before = last, now - before < interval { return false }
            last = now
            return true
        }
    }

    func reset() { last.withLock { $0 = nil } }
}
