/// What the figures of replays are printed as.
extension Report {
    /// Limit: percent of the bare loop's rate.
    private static let replayBar = 80.0

    static func lines(_ replays: Replays) -> [String] {
        let head = ["replay", "records", "records/s", "x loop", "CPU us", "x loop", "broker CPU us", "peak RSS MB"]
        let cells = replays.rows.map { row in
            [
                row.contender.rawValue, String(replays.records), text(row.recordsPerSecond, 0),
                text(row.rateOverLoop, 2), text(row.cpuMicroseconds, 2), text(row.cpuOverLoop, 2),
                text(row.brokerCPUMicroseconds, 2), megabytes(row.peakBytesMax),
            ]
        }
        return [
            "events from \(Replays.partitions) partitions of a one-node Kafka to \(Replays.partitions) others of it, "
                + "each run to a new topic: \(replays.keys) keys, values of \(text(replays.valueBytes, 0)) bytes, "
                + "\(replays.headers) headers of \(text(replays.headerBytes, 0)) bytes, not compressed",
            "loop: consume and produce, straight on librdkafka. replay: notion-relay replay --from beginning "
                + "--to-topic, in order over all partitions and marked. named: the same with --resume NAME, so with "
                + "checkpoints",
            "all: from when the partitions are assigned, before the producer is made, to the last acknowledgement; "
                + "idempotent, acks=all, linger 100 ms, jemalloc; \(replays.prefetchKibibytes / 1024) MiB of prefetch "
                + "for the loop, the replay's own for the others. Broker CPU: of the whole run",
        ] + columns(head, cells)
    }

    static func verdicts(_ replays: Replays) -> [String] {
        replays.rows.filter { $0.contender != .loop }.map { row in
            let percent = row.rateOverLoop * 100
            return "\(row.contender): \(text(percent, 1)) % of a bare loop's rate" + floor(percent, replayBar, 0)
        }
    }
}
