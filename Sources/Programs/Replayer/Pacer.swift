import Synchronization

/// Lets callers go at a steady rate, whoever they are: each gets the next place in time.
package final class Pacer: Sendable {
    private let interval: Duration
    private let next = Mutex<ContinuousClock.Instant?>(nil)

    package init(perSecond: Double) {
        precondition(perSecond > 0, "A rate is above zero.")
        interval = .seconds(1) / perSecond
    }

    /// Returns when it is the caller's turn, at once when its task is cancelled.
    package func wait() async {
        let clock = ContinuousClock()
        let turn = next.withLock { next in
            let turn = max(next ?? clock.now, clock.now)
            next = turn + interval
            return turn
        }
        // The rate is time itself; there is no fact to be awaited.
        try? await clock.sleep(until: turn)
    }
}
