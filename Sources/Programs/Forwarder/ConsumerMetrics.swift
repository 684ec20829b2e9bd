import Kafka
package import Operations
package import OrderedConsumer
import Synchronization
import Timestamps

package final class ConsumerMetrics: Sendable {
    private let lag: MetricFamily<Gauge>
    private let age: MetricFamily<Gauge>
    private let calls: Gauge
    private let lanesMax: Gauge
    private let waiting: Gauge
    private let waitingBytes: Gauge
    private let parked: Gauge
    private let paused: Gauge
    private let held: Gauge
    private let heldSeconds: Counter
    private let holds: Counter
    private let records: MetricFamily<Counter>
    private let deadLetters: MetricFamily<Counter>
    private let retries: Counter
    private let late: Counter
    private let overdue: Counter
    private let abandoned: Counter
    private let storeFailures: Counter
    private let refusedParkings: Counter
    private let commitFailures: Counter
    private let rebalances: Counter
    /// Partitions that have series: what has left reads NaN, which is no figure, instead of its last one.
    private let known = Mutex<Set<TopicPartition>>([])

    package init(_ metrics: MetricRegistry) {
        lag = metrics.gauges(
            "notion_relay_consumer_lag_records",
            "Records of an assigned partition that are not done.",
            labels: ["topic", "partition"]
        )
        age = metrics.gauges(
            "notion_relay_consumer_oldest_unfinished_age_seconds",
            "Age of the first record of a partition that was read and is not done; 0 if there is none.",
            labels: ["topic", "partition"]
        )
        calls = metrics.gauge("notion_relay_consumer_running_calls", "Calls of the handler that are running.")
        lanesMax = metrics.gauge("notion_relay_consumer_lanes_max", "Calls of the handler that may run at once now.")
        waiting = metrics.gauge("notion_relay_consumer_waiting_records", "Records that were read and are not done.")
        waitingBytes = metrics.gauge("notion_relay_consumer_waiting_bytes", "Their bytes.")
        parked = metrics.gauge("notion_relay_consumer_parked_keys", "Parked keys of the assigned partitions.")
        paused = metrics.gauge("notion_relay_consumer_paused", "1 while the group pauses.")
        held = metrics.gauge(
            "notion_relay_consumer_held",
            "1 while the service is in trouble and single events are tried."
        )
        heldSeconds = metrics.counter("notion_relay_consumer_held_seconds_total", "How long that was, in all.")
        holds = metrics.counter("notion_relay_consumer_holds_total", "How often that began.")
        records = metrics.counters(
            "notion_relay_consumer_records_total",
            "Records by what became of them; dead letters are counted apart.",
            labels: ["result"]
        )
        deadLetters = metrics.counters(
            "notion_relay_consumer_dead_letters_total",
            "Records that were given up, by reason.",
            labels: ["reason"]
        )
        retries = metrics.counter("notion_relay_consumer_retries_total", "Failed calls that were to be made again.")
        late = metrics.counter("notion_relay_consumer_late_total", "Calls with a record that was late.")
        overdue = metrics.counter("notion_relay_consumer_overdue_total", "Calls that passed the handler's deadline.")
        abandoned = metrics.counter(
            "notion_relay_consumer_abandoned_calls_total",
            "Calls that were running when their partition was taken away."
        )
        storeFailures = metrics.counter(
            "notion_relay_consumer_store_failures_total",
            "Failed attempts to write a dead letter or an entry of the group's state."
        )
        refusedParkings = metrics.counter(
            "notion_relay_consumer_refused_parkings_total",
            "Times that a key had to wait because the limit of parked keys was reached."
        )
        commitFailures = metrics.counter("notion_relay_consumer_commit_failures_total", "Commits that failed.")
        rebalances = metrics.counter("notion_relay_consumer_rebalances_total", "Assignments of partitions.")
    }

    /// Shows the figures; `now` in milliseconds since 1970.
    package func show(_ figures: ConsumerFigures, now: Int64) {
        show(figures.partitions, now: now)
        calls.set(figures.running)
        lanesMax.set(figures.lanesMax)
        waiting.set(figures.waiting)
        waitingBytes.set(figures.waitingBytes)
        parked.set(figures.parkedKeys)
        paused.set(figures.isPaused ? 1 : 0)
        held.set(figures.hold == nil ? 0 : 1)
        heldSeconds.set(total: UInt64(max(0, figures.counts.heldTime.components.seconds)))
        let counts = figures.counts
        for (result, count) in [
            ("done", counts.handled - counts.superseded), ("superseded", counts.superseded),
            ("skipped", counts.skipped), ("duplicate", counts.duplicates), ("for_others", counts.forOthers),
            ("replay_skipped", counts.skippedReplays), ("handled_before", counts.handledBefore),
        ] { records.with(result).set(total: UInt64(max(0, count))) }
        for (reason, count) in counts.deadLetters { deadLetters.with(reason).set(total: UInt64(count)) }
        for (counter, count) in [
            (retries, counts.retries), (late, counts.late), (overdue, counts.overdue), (abandoned, counts.abandoned),
            (storeFailures, counts.storeFailures), (refusedParkings, counts.refusedParkings),
            (commitFailures, counts.commitFailures), (rebalances, counts.rebalances), (holds, counts.holds),
        ] { counter.set(total: UInt64(count)) }
    }

    private func show(_ partitions: [ConsumerFigures.Partition], now: Int64) {
        let gone = known.withLock { known in
            let assigned = Set(partitions.map(\.partition))
            defer { known.formUnion(assigned) }
            return known.subtracting(assigned)
        }
        for partition in gone {
            lag.with(partition.topic, String(partition.partition)).set(.nan)
            age.with(partition.topic, String(partition.partition)).set(.nan)
        }
        for figure in partitions {
            let labels = [figure.partition.topic, String(figure.partition.partition)]
            lag.with(labels).set(figure.lag.map(Double.init) ?? .nan)
            age.with(labels).set(
                figure.oldestTimestamp.map { max(0, Double(Timestamp.elapsed(from: $0, to: now)) / 1000) } ?? 0
            )
        }
    }
}
