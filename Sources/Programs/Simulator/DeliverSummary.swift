import Synchronization

package struct DeliverSummary: Sendable {
    package internal(set) var requests = 0
    package internal(set) var acknowledged = 0
    package internal(set) var gaveUp = 0
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
    package internal(set) var failures: [String: Int] = [:]
    package internal(set) var seconds = 0.0
    var latency = LatencyHistogram()

    package var isOK: Bool { gaveUp == 0 && unfinished == 0 && tamperedAcknowledged == 0 }
    package var requestsPerSecond: Double { seconds > 0 ? Double(requests) / seconds : 0 }
    /// Within which that share (0.99) was answered; in an open loop it counts from when a request was due.
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

    package var table: String { report.table }
    package var json: String { report.json }
}

final class DeliverTally: Sendable {
    private let figures = Mutex(DeliverSummary())

    func record(_ request: ConnectionStateMachine.Request, status: Int, failure: String?, latency: Duration) {
        figures.withLock { figures in
            figures.requests += 1
            figures.latency.record(microseconds: UInt64(max(0, latency / .microseconds(1))))
            if request.kind == .event, request.attempt > 1 { figures.retries += 1 }
            if let failure {
                figures.failures[failure, default: 0] += 1
            } else if !(200...299).contains(status), request.kind != .tampered {
                figures.refusals["\(status)", default: 0] += 1
            }
        }
    }

    func record(_ entry: LedgerEntry) {
        figures.withLock { figures in
            switch entry.kind {
            case .event:
                if entry.isAcknowledged { figures.acknowledged += 1 } else { figures.gaveUp += 1 }
                if entry.attempts > 1 { figures.retriedEvents += 1 }
            case .duplicate:
                figures.duplicates += 1
                if entry.isAcknowledged { figures.duplicatesAcknowledged += 1 }
            case .tampered:
                figures.tampered += 1
                if entry.isAcknowledged { figures.tamperedAcknowledged += 1 }
            }
        }
    }

    func summary(count: Int, elapsed: Duration) -> DeliverSummary {
        var summary = figures.withLock(\.self)
        summary.unfinished = count - summary.acknowledged - summary.gaveUp - summary.tampered
        summary.seconds = elapsed / .seconds(1)
        return summary
    }
}

/// Latencies in buckets that are at most 1/64 wide, from a microsecond to an hour, in 14 KiB.
package struct LatencyHistogram: Sendable {
    private var counts = [UInt64](repeating: 0, count: Self.bucketsMax)
    package private(set) var count: UInt64 = 0
    package private(set) var maxMicroseconds: UInt64 = 0

    // Limit: 32 octaves of microseconds, some 71 minutes; longer ones fall into the last bucket.
    private static let bucketsMax = 64 * 27

    mutating func record(microseconds: UInt64) {
        counts[min(Self.bucket(microseconds), Self.bucketsMax - 1)] += 1
        count += 1
        maxMicroseconds = max(maxMicroseconds, microseconds)
    }

    /// The upper edge of the bucket that holds the given share (0.99) of all latencies; 0 when there are none.
    package func microseconds(at share: Double) -> UInt64 {
        var left = (Double(count) * share).rounded(.up)
        for (bucket, number) in counts.enumerated() where number > 0 {
            left -= Double(number)
            if left <= 0 { return min(Self.upperEdge(bucket), maxMicroseconds) }
        }
        return maxMicroseconds
    }

    /// Below 64 a bucket a microsecond; above, 64 buckets an octave.
    private static func bucket(_ value: UInt64) -> Int {
        guard value >= 64 else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount - 6
        return 64 * (octave + 1) + Int(value >> UInt64(octave)) - 64
    }

    private static func upperEdge(_ bucket: Int) -> UInt64 {
        guard bucket >= 64 else { return UInt64(bucket) }
        let octave = UInt64(bucket / 64 - 1)
        return (UInt64(bucket % 64) + 65) << octave - 1
    }
}
