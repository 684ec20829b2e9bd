internal import Synchronization

/// All metrics of the process. Asking for a name again gives the same family, so that every loop can ask for its own
/// handles; another kind or other labels under a known name are a programmer's error.
package final class MetricRegistry: Sendable {
    enum Entry: Sendable {
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

    package func counter(_ name: String, _ help: String) -> Counter {
        counters(name, help, labels: []).with()
    }

    package func gauges(_ name: String, _ help: String, labels: [String]) -> MetricFamily<Gauge> {
        gauges(name, help, labels: labels, kind: .gauge)
    }

    package func gauge(_ name: String, _ help: String) -> Gauge {
        gauges(name, help, labels: []).with()
    }

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

    package func histogram(
        _ name: String,
        _ help: String,
        bounds: [Duration] = Histogram.latencyBounds
    ) -> Histogram {
        histograms(name, help, labels: [], bounds: bounds).with()
    }

    /// Runs right before each scrape, on the thread that answers it: for gauges that are cheaper to ask than to keep.
    package func beforeScrape(_ hook: @escaping @Sendable () -> Void) {
        state.withLock { $0.hooks.append(hook) }
    }

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

    /// Everything in Prometheus' text format 0.0.4.
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

    /// All families, after what has to run before they are read.
    func scraped() -> [Entry] {
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
