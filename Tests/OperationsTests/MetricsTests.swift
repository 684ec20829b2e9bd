import Testing
import Timestamps

@testable import Operations

@Suite
struct MetricsTests {
    @Test
    func `the exposition is this`() {
        let registry = MetricRegistry()
        let deliveries = registry.counters("relay_deliveries_total", "Deliveries.", labels: ["outcome", "type"])
        deliveries.with("published", "page.created").increment(by: 2)
        deliveries.with("un\"usual\\\n", "ä").increment()
        registry.gauge("relay_in_flight", "In flight, \"now\"\\\nand here.").set(1.5)
        registry.total("relay_seconds_total", "Seconds.").set(0.25)
        let latency = registry.histogram(
            "relay_ack_seconds",
            "Ack.",
            bounds: [.microseconds(500), .milliseconds(1), .seconds(10)]
        )
        for nanoseconds: UInt64 in [0, 500_000, 500_001, 2_000_000, 11_000_000_000] {
            latency.observe(nanoseconds: nanoseconds)
        }
        let expected = #"""
            # HELP relay_deliveries_total Deliveries.
            # TYPE relay_deliveries_total counter
            relay_deliveries_total{outcome="published",type="page.created"} 2
            relay_deliveries_total{outcome="un\"usual\\\n",type="ä"} 1
            # HELP relay_in_flight In flight, "now"\\\nand here.
            # TYPE relay_in_flight gauge
            relay_in_flight 1.5
            # HELP relay_seconds_total Seconds.
            # TYPE relay_seconds_total counter
            relay_seconds_total 0.25
            # HELP relay_ack_seconds Ack.
            # TYPE relay_ack_seconds histogram
            relay_ack_seconds_bucket{le="0.0005"} 2
            relay_ack_seconds_bucket{le="0.001"} 3
            relay_ack_seconds_bucket{le="10"} 4
            relay_ack_seconds_bucket{le="+Inf"} 5
            relay_ack_seconds_sum 11.003000001
            relay_ack_seconds_count 5

            """#
        #expect(String(decoding: registry.exposition(), as: UTF8.self) == expected)
    }

    @Test
    func `asking again gives the same handle`() {
        let registry = MetricRegistry()
        registry.counter("a_total", "A.").increment()
        registry.counter("a_total", "A.").increment()
        #expect(registry.counter("a_total", "A.").value == 2)
        #expect(
            registry.counters("b_total", "B.", labels: ["x"]).with("1")
                === registry.counters("b_total", "B.", labels: ["x"]).with("1")
        )
        #expect(registry.summary == ["a_total counter", "b_total counter x"])
    }

    @Test
    func `nothing is lost when threads count at once`() async {
        let registry = MetricRegistry()
        let counter = registry.counter("a_total", "A.")
        let gauge = registry.gauge("b", "B.")
        let histogram = registry.histogram("c_seconds", "C.")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<5000 {
                        counter.increment()
                        gauge.add(1)
                        histogram.observe(.milliseconds(1))
                    }
                }
            }
        }
        #expect(counter.value == 20_000)
        #expect(gauge.value == 20_000)
        #expect(histogram.count == 20_000)
        #expect(abs(histogram.sumSeconds - 20) < 1e-9)
    }

    @Test
    func `hooks run before a scrape`() {
        let registry = MetricRegistry()
        let gauge = registry.gauge("a", "A.")
        registry.beforeScrape { gauge.add(1) }
        _ = registry.exposition()
        #expect(String(decoding: registry.exposition(), as: UTF8.self).hasSuffix("\na 2\n"))
    }

    @Test
    func `the process tells what it takes`() throws {
        #expect(try #require(ProcessMetrics.residentBytes()) > 1_000_000)
        #expect(ProcessMetrics.cpuSeconds() > 0)
        #expect(try #require(ProcessMetrics.openDescriptors()) > 3)
        let age = Double(Timestamp.now()) / 1000 - (try #require(ProcessMetrics.startSeconds()))
        #expect(age > -0.1 && age < 3600)
        let registry = MetricRegistry()
        ProcessMetrics.register(in: registry, librdkafkaVersion: "2.0.2")
        let text = String(decoding: registry.exposition(), as: UTF8.self)
        #expect(text.contains("notion_relay_build_info{version=\"\(Version.text)\",librdkafka=\"2.0.2\"} 1\n"))
    }
}
