/// How often a failed event is tried again, and when.
///
/// Before attempt n+1 the lane waits `firstDelay` x 2^(n-1), at most `delayMax`, of which the second half is chance, so
/// that lanes that failed together do not come back together.
public struct RetryPolicy: Sendable, Equatable {
    /// Attempts after which the event becomes a dead letter; 0 is no limit.
    public var attemptsMax: Int
    /// The pause after the first failure.
    public var firstDelay: Duration
    /// The longest pause, unless the handler asks for more.
    public var delayMax: Duration

    /// A policy; the defaults give up after about six minutes.
    public init(
        attemptsMax: Int = 10,
        firstDelay: Duration = .milliseconds(500),
        delayMax: Duration = .seconds(120)
    ) {
        self.attemptsMax = attemptsMax
        self.firstDelay = firstDelay
        self.delayMax = delayMax
    }

    /// The pause after that many failed attempts.
    package func delay(
        afterAttempt attempt: Int,
        atLeast: Duration? = nil,
        _ random: inout some RandomNumberGenerator
    ) -> Duration {
        // Limit: the doubling ends at 2^30, far beyond any pause.
        let factor = 1 << min(max(attempt - 1, 0), 30)
        // Compared by division, which cannot overflow.
        let full = firstDelay > delayMax / factor ? delayMax : firstDelay * factor
        let share = Double.random(in: 0.5...1, using: &random)
        return max(full * share, atLeast ?? .zero)
    }

    /// Whether an event that failed that often is given up.
    package func isExhausted(_ attempts: Int) -> Bool { attemptsMax > 0 && attempts >= attemptsMax }
}
