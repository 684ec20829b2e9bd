/// What the figures of consumers are printed as.
extension Report {
    /// Limits: the share of what all lanes could do at most, records a second without a pause, and their ratio to a
    /// peer's.
    private static let shareBar = 0.9
    private static let rateBar = 100_000.0
    private static let peerBar = 3.0

    static func lines(_ consumers: Consumers) -> [String] {
        let head = ["consumer", "handler", "records", "records/s", "CPU us", "x bare", "disorder", "peak RSS MB"]
        let cells = consumers.rows.map { row in
            [
                row.contender, row.contender == "bare" ? "none" : "\(row.work.handlerMilliseconds) ms",
                String(row.work.records), text(row.recordsPerSecond, 0), text(row.cpuMicroseconds, 2),
                text(row.cpuOverBare, 2), row.orderViolations.map(String.init) ?? "",
                row.peakBytesMax.map(megabytes) ?? "",
            ]
        }
        return [
            "events from one partition of a one-node Kafka: \(consumers.keys) keys in turn, values of "
                + "\(text(consumers.valueBytes, 0)) bytes, \(consumers.headers) headers of "
                + "\(text(consumers.headerBytes, 0)) bytes, not compressed; all from the first handled to the last",
            "bare: reads alone, through our binding. keyed: KeyedConsumer, \(consumers.lanes) lanes, "
                + "\(consumers.prefetchKibibytes / 1024) MiB of prefetch, otherwise its defaults; both with jemalloc",
        ] + columns(head, cells)
    }

    static func verdicts(_ consumers: Consumers) -> [String] {
        var lines: [String] = []
        for row in consumers.rows where row.contender == "keyed" {
            let name = "keyed with \(row.work.handlerMilliseconds) ms"
            if let most = row.work.rateMax {
                let share = row.recordsPerSecond / most
                lines.append("\(name): \(text(share * 100, 1)) % of lanes / time" + floor(share, shareBar, 2))
            } else {
                lines.append(
                    "\(name): \(text(row.recordsPerSecond, 0)) records/s" + floor(row.recordsPerSecond, rateBar, 0)
                )
            }
            if let violations = row.orderViolations {
                lines.append("\(name): \(violations) records out of order" + verdict(Double(violations), 0, 0))
            }
        }
        if let ratio = consumers.rateOverPeer {
            lines.append("keyed without a pause: \(text(ratio, 2)) x the peer's rate" + floor(ratio, peerBar, 1))
        }
        return lines
    }

    static func floor(_ value: Double, _ bar: Double, _ digits: Int) -> String {
        ", \(value >= bar ? "within" : "BELOW") its bar of \(text(bar, digits))"
    }
}
