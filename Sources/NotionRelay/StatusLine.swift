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
