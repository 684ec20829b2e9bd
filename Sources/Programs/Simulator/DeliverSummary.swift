/// What a run of deliveries came to.
package struct DeliverSummary: Sendable {
    /// Requests sent: first attempts, retries, duplicates and tampered ones.
    package internal(set) var requests = 0
    /// Events that were answered 2xx in the end.
    package internal(set) var acknowledged = 0
    /// Events that were refused eight times.
    package internal(set) var gaveUp = 0
    /// Events that were neither when the run was stopped or its deadline passed.
    package internal(set) var unfinished = 0
    /// Events that took more than one attempt, and how many attempts those were beyond the first.
    package internal(set) var retriedEvents = 0
    package internal(set) var retries = 0
    package internal(set) var duplicates = 0
    package internal(set) var duplicatesAcknowledged = 0
    package internal(set) var tampered = 0
    /// Must stay 0.
    package internal(set) var tamperedAcknowledged = 0
    /// Answers other than 2xx by status, without those to tampered deliveries.
    package internal(set) var refusals: [String: Int] = [:]
    /// Requests without an answer, by cause.
    package internal(set) var failures: [String: Int] = [:]
    package internal(set) var seconds = 0.0
    var latency = LatencyHistogram()

    package init() {}

    package var isOK: Bool { gaveUp == 0 && unfinished == 0 && tamperedAcknowledged == 0 }
    package var requestsPerSecond: Double { seconds > 0 ? Double(requests) / seconds : 0 }
    /// The latency that the given share (0.99) of requests stayed within, in milliseconds. In an open loop it counts
    /// from the moment a request was due.
    package func latencyMilliseconds(at share: Double) -> Double { Double(latency.microseconds(at: share)) / 1_000 }
    package var latencyMillisecondsMax: Double { Double(latency.maxMicroseconds) / 1_000 }

    private var report: SummaryReport {
        var report = SummaryReport()
        report.add("ok", isOK)
        report.add("requests", requests)
        report.add("acknowledged", acknowledged)
        report.add("gave_up", gaveUp)
        report.add("unfinished", unfinished)
        report.add("retried_events", retriedEvents)
        report.add("retries", retries)
        report.add("duplicates", duplicates)
        report.add("duplicates_acknowledged", duplicatesAcknowledged)
        report.add("tampered", tampered)
        report.add("tampered_acknowledged", tamperedAcknowledged)
        report.add("refused_by_status", refusals)
        report.add("unanswered_by_cause", failures)
        report.add("seconds", seconds)
        report.add("requests_per_second", requestsPerSecond)
        report.add("latency_p50_ms", latencyMilliseconds(at: 0.5))
        report.add("latency_p99_ms", latencyMilliseconds(at: 0.99))
        report.add("latency_max_ms", latencyMillisecondsMax)
        return report
    }

    /// One line a figure.
    package var table: String { report.table }
    /// One object on one line.
    package var json: String { report.json }
}
