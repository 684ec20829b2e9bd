/// Prometheus' text format 0.0.4 as it is written.
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 32 * 1024) { bytes.reserveCapacity(capacity) }

    mutating func append(_ family: MetricFamily<Counter>) {
        appendHead(family)
        for (values, counter) in family.all { appendSample(family.name, family.labels, values, String(counter.value)) }
    }

    mutating func append(_ family: MetricFamily<Gauge>) {
        appendHead(family)
        for (values, gauge) in family.all { appendSample(family.name, family.labels, values, Self.text(gauge.value)) }
    }

    mutating func append(_ family: MetricFamily<Histogram>) {
        appendHead(family)
        let labels = family.labels + ["le"]
        for (values, histogram) in family.all {
            // The count is the last bucket's, not a second reading: both must agree in one scrape.
            let cumulative = histogram.cumulative
            for (bound, count) in zip(histogram.bounds, cumulative) {
                appendSample(family.name + "_bucket", labels, values + [Self.text(Double(bound) / 1e9)], String(count))
            }
            let count = String(cumulative.last ?? 0)
            appendSample(family.name + "_bucket", labels, values + ["+Inf"], count)
            appendSample(family.name + "_sum", family.labels, values, Self.text(histogram.sumSeconds))
            appendSample(family.name + "_count", family.labels, values, count)
        }
    }

    private mutating func appendHead<Metric>(_ family: MetricFamily<Metric>) {
        bytes += "# HELP \(family.name) ".utf8
        appendEscaped(family.help, quotes: false)
        bytes += "\n# TYPE \(family.name) \(family.kind.rawValue)\n".utf8
    }

    private mutating func appendSample(_ name: String, _ labels: [String], _ values: [String], _ value: String) {
        appendSeries(name, labels, values)
        bytes += " \(value)\n".utf8
    }

    /// `name{label="value"}`.
    static func series(_ name: String, _ labels: [String], _ values: [String]) -> String {
        var text = PrometheusText(capacity: 128)
        text.appendSeries(name, labels, values)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    private mutating func appendSeries(_ name: String, _ labels: [String], _ values: [String]) {
        bytes += name.utf8
        for (index, label) in labels.enumerated() {
            bytes.append(UInt8(ascii: index == 0 ? "{" : ","))
            bytes += "\(label)=\"".utf8
            appendEscaped(values[index], quotes: true)
            bytes.append(UInt8(ascii: "\""))
        }
        if !labels.isEmpty { bytes.append(UInt8(ascii: "}")) }
    }

    private mutating func appendEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0x0A: bytes += "\\n".utf8
            case UInt8(ascii: "\"") where quotes: bytes += "\\\"".utf8
            default: bytes.append(byte)
            }
        }
    }

    private static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number > 0 ? "+Inf" : "-Inf" }
        return number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
    }
}
