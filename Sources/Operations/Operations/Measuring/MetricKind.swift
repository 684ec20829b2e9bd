/// The kinds of metric, as Prometheus names them.
package enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}
