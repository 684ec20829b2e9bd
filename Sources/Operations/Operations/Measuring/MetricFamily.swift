internal import Synchronization

/// A metric with labels: one series for each combination of values. Ask for a handle once and keep it, since asking
/// takes a lock. Label values come from fixed sets of the code (outcomes, event types), never from deliveries.
package final class MetricFamily<Metric: Sendable>: Sendable {
    package let name: String
    let help: String
    let kind: MetricKind
    let labels: [String]
    private let make: @Sendable () -> Metric
    private let series = Mutex<[(values: [String], metric: Metric)]>([])

    init(
        name: String,
        help: String,
        kind: MetricKind,
        labels: [String],
        make: @escaping @Sendable () -> Metric
    ) {
        precondition(Self.isName(name) && labels.allSatisfy(Self.isName), "\(name) is not a name of Prometheus.")
        self.name = name
        self.help = help
        self.kind = kind
        self.labels = labels
        self.make = make
    }

    /// The series with these label values, in the order of the labels; made when it is asked for first.
    package func with(_ values: String...) -> Metric {
        with(values)
    }

    package func with(_ values: [String]) -> Metric {
        precondition(values.count == labels.count, "\(name) has the labels \(labels).")
        return series.withLock { series in
            if let known = series.first(where: { $0.values == values }) { return known.metric }
            let metric = make()
            series.append((values, metric))
            return metric
        }
    }

    /// All series in the order in which they were made.
    var all: [(values: [String], metric: Metric)] { series.withLock { $0 } }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                || byte == UInt8(ascii: "_")
        }
    }
}
