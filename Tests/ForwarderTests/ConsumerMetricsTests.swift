import Forwarder
import Kafka
import Operations
import Testing

@testable import OrderedConsumer

@Suite
struct ConsumerMetricsTests {
    private static func figures(oldest: Int64?) -> ConsumerFigures {
        let partition = ConsumerFigures.Partition(
            partition: TopicPartition(topic: "t", partition: 3),
            next: 7,
            lag: 2,
            waiting: 1,
            oldestTimestamp: oldest,
            parkedKeys: 0,
            done: CompletedOffsets(next: 7)
        )
        return ConsumerFigures(
            counts: ConsumerCounts(),
            partitions: [partition],
            running: 0,
            lanesMax: 1,
            waiting: 1,
            waitingBytes: 1,
            isPaused: false,
            hold: nil
        )
    }

    @Test(
        arguments: [
            (nil, "0"), (1_791_277_360_713, "7"), (1_791_277_368_713, "0"), (.max, "0"), (1 << 61, "0"),
            (.min, "9.223372036854776e+15"), (.min + 1_791_277_367_713, "9.223372036854776e+15"),
        ] as [(Int64?, String)]
    )
    func `the age of the oldest record is a number, whatever its producer wrote`(oldest: Int64?, age: String) {
        let metrics = MetricRegistry()
        ConsumerMetrics(metrics).show(Self.figures(oldest: oldest), now: 1_791_277_367_713)
        let text = String(decoding: metrics.exposition(), as: UTF8.self)
        let line = text.split(separator: "\n").first {
            $0.hasPrefix("notion_relay_consumer_oldest_unfinished_age_seconds{")
        }
        #expect(line?.hasSuffix("} \(age)") == true, "\(line ?? "")")
    }
}
