import Kafka
import Synchronization
import TestSupport
import Testing

@testable import OrderedConsumer

@Suite(.timeLimit(.minutes(3)))
struct KeyedConsumerTests {
    /// Runs a consumer while `body` does, then stops it.
    private func running(
        _ settings: KeyedConsumerSettings,
        _ handler: @escaping RecordHandler,
        notices: @escaping @Sendable (ConsumerNotice) -> Void = { _ in },
        _ body: (KeyedConsumer) async throws -> Void
    ) async throws {
        let consumer = try KeyedConsumer(settings, onNotice: notices, handler: handler)
        try await withThrowingTaskGroup { group in
            group.addTask { try await consumer.run() }
            try await body(consumer)
            consumer.stop()
            try await group.waitForAll()
        }
    }

    @Test(.needsKafka)
    func `keys are handled side by side and each in its order`() async throws {
        let topic = try await KeyedTopic()
        try topic.fill(5000, keys: 250)
        let log = HandledLog()
        let clock = ContinuousClock()
        try await running(try topic.settings()) { consumed in
            log.begin(consumed)
            try await clock.sleep(for: .milliseconds(10))
            log.end(consumed)
            return .done
        } _: { consumer in
            let start = clock.now
            try await log.wait(for: 5000)
            let seconds = (clock.now - start) / .seconds(1)
            #expect(consumer.figures.counts.handled <= 5000)
            #expect(seconds < 5)
        }
        #expect(log.overlaps == 0 && log.outOfOrder == [])
        #expect(log.numbers.values.allSatisfy { $0 == Array(0..<20) })
        let successor = try KeyedConsumer(try topic.settings()) { _ in .done }
        #expect(
            try await successor.member.committed([TopicPartition(topic: topic.name, partition: 0)]).values.map(\.offset)
                == [5000]
        )
    }
}
