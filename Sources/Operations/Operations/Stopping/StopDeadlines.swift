/// How the grace period is divided among the steps of a stop. Pure, so that a test can prove the sum.
package struct StopDeadlines: Sendable, Equatable {
    /// For answering what was accepted.
    package let drain: Duration
    /// For records whose request has already given up.
    package let flush: Duration
    /// For the last scrape and probe.
    package let operations: Duration
    /// Left over for everything that is not a step.
    package let margin: Duration

    package init(gracePeriod: Duration) {
        operations = min(.seconds(1), gracePeriod / 20)
        flush = min(.seconds(2), gracePeriod / 10)
        margin = min(.seconds(1), gracePeriod / 20)
        drain = gracePeriod - operations - flush - margin
    }

    package var sum: Duration { drain + flush + operations + margin }
}
