extension MetricRegistry {
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
}
