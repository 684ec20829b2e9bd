internal import Synchronization

/// All metrics of the process. Asking for a name again gives the same family, so that every loop can ask for its own
/// handles; another kind or other labels under a known name are a programmer's error.
package final class MetricRegistry: Sendable {
    private enum Entry: Sendable {
        case counter(MetricFamily<Counter>)
        case gauge(MetricFamily<Gauge>)
        case histogram(MetricFamily<Histogram>)
    }

    private struct State {
        var entries: [(name: String, entry: Entry)] = []
        var hooks: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func counters(_ name: String, _ help: String, labels: [String]) -> MetricFamily<Counter> {
        let made = MetricFamily(name: name, help: help, kind: .counter, labels: labels) { Counter() }
        guard case .counter(let family) = entry(.counter(made), name), family.labels == labels else {
            preconditionFailure("\(name) is registered as something else.")
        }
        return family
    }

    package func counter(_ name: String, _ help: String) -> Counter { counters(name, help, labels: []).with() }

    package func gauges(_ name: String, _ help: String, labels: [String]) -> MetricFamily<Gauge> {
        gauges(name, help, labels: labels, kind: .gauge)
    }

    package func gauge(_ name: String, _ help: String) -> Gauge { gauges(name, help, labels: []).with() }

    /// A total with decimals that is counted elsewhere; shown as a counter.
    package func total(_ name: String, _ help: String) -> Gauge {
        gauges(name, help, labels: [], kind: .counter).with()
    }

    package func histograms(
        _ name: String,
        _ help: String,
        labels: [String],
        bounds: [Duration] = Histogram.latencyBounds
    ) -> MetricFamily<Histogram> {
        let made = MetricFamily(name: name, help: help, kind: .histogram, labels: labels) { Histogram(bounds: bounds) }
        guard case .histogram(let family) = entry(.histogram(made), name), family.labels == labels else {
            preconditionFailure("\(name) is registered as something else.")
        }
        return family
    }

    package func histogram(_ name: String, _ help: String, bounds: [Duration] = Histogram.latencyBounds) -> Histogram {
        histograms(name, help, labels: [], bounds: bounds).with()
    }

    /// Runs right before each scrape, on the thread that answers it: for gauges that are cheaper to ask than to keep.
    package func beforeScrape(_ hook: @escaping @Sendable () -> Void) { state.withLock { $0.hooks.append(hook) } }

    /// One line a family, in the order of registration: name, kind and labels, which is what dashboards rely on.
    package var summary: [String] {
        state.withLock { $0.entries }.map { _, entry in
            switch entry {
            case .counter(let family): Self.summary(family)
            case .gauge(let family): Self.summary(family)
            case .histogram(let family): Self.summary(family)
            }
        }
    }

    package func exposition() -> [UInt8] {
        var text = PrometheusText()
        for entry in scraped() {
            switch entry {
            case .counter(let family): text.append(family)
            case .gauge(let family): text.append(family)
            case .histogram(let family): text.append(family)
            }
        }
        return text.bytes
    }

    /// The newest value of every series under the name that Prometheus shows; of a histogram its count and its sum.
    package func samples() -> [String: Double] {
        var samples: [String: Double] = [:]
        for family in scraped() {
            switch family {
            case .counter(let family):
                for (values, counter) in family.all {
                    samples[PrometheusText.series(family.name, family.labels, values)] = Double(counter.value)
                }
            case .gauge(let family):
                for (values, gauge) in family.all {
                    samples[PrometheusText.series(family.name, family.labels, values)] = gauge.value
                }
            case .histogram(let family):
                for (values, histogram) in family.all {
                    let count = Double(histogram.cumulative.last ?? 0)
                    samples[PrometheusText.series(family.name + "_count", family.labels, values)] = count
                    samples[PrometheusText.series(family.name + "_sum", family.labels, values)] = histogram.sumSeconds
                }
            }
        }
        return samples
    }

    private func scraped() -> [Entry] {
        let (entries, hooks) = state.withLock { ($0.entries, $0.hooks) }
        for hook in hooks { hook() }
        return entries.map(\.entry)
    }

    private static func summary<Metric>(_ family: MetricFamily<Metric>) -> String {
        ([family.name, family.kind.rawValue] + family.labels).joined(separator: " ")
    }

    private func gauges(_ name: String, _ help: String, labels: [String], kind: MetricKind) -> MetricFamily<Gauge> {
        let made = MetricFamily(name: name, help: help, kind: kind, labels: labels) { Gauge() }
        guard case .gauge(let family) = entry(.gauge(made), name), family.labels == labels, family.kind == kind else {
            preconditionFailure("\(name) is registered as something else.")
        }
        return family
    }

    private func entry(_ made: Entry, _ name: String) -> Entry {
        state.withLock { state in
            if let known = state.entries.first(where: { $0.name == name }) { return known.entry }
            state.entries.append((name, made))
            return made
        }
    }
}

package enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}

/// A metric with labels: one series for each combination of values. Ask for a handle once and keep it, since asking
/// takes a lock. Label values come from fixed sets of the code (outcomes, event types), never from deliveries.
package final class MetricFamily<Metric: Sendable>: Sendable {
    package let name: String
    let help: String
    let kind: MetricKind
    let labels: [String]
    private let make: @Sendable () -> Metric
    private let series = Mutex<[(values: [String], metric: Metric)]>([])

    init(name: String, help: String, kind: MetricKind, labels: [String], make: @escaping @Sendable () -> Metric) {
        precondition(Self.isName(name) && labels.allSatisfy(Self.isName), "\(name) is not a name of Prometheus.")
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
        self.make = make
    }

    /// The series with these label values, in the order of the labels; made when it is asked for first.
    package func with(_ values: String...) -> Metric { with(values) }

    package func with(_ values: [String]) -> Metric {
        precondition(values.count == labels.count, "\(name) has the labels \(labels).")
        return series.withLock { series in
            if let known = series.first(where: { $0.values == values }) { return known.metric }
            let metric = make()
            series.append((values, metric))
            return metric
        }
    }

    var all: [(values: [String], metric: Metric)] { series.withLock { $0 } }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                || byte == UInt8(ascii: "_")
        }
    }
}

/// A number that only grows. Counting is one relaxed atomic addition.
package final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    package init() {}

    package var value: UInt64 { count.load(ordering: .relaxed) }

    package func increment(by amount: Int = 1) {
        precondition(amount >= 0, "A counter never goes down.")
        count.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    /// Takes over a total that is counted elsewhere, such as in librdkafka's statistics.
    package func set(total: UInt64) { count.store(total, ordering: .relaxed) }
}

package final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    package init() {}

    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    package func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    package func set(_ value: Int) { set(Double(value)) }

    package func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = original
        }
    }
}
