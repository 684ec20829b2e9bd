import EmbeddedKafka
import Testing

@testable import Kafka

@Suite(.timeLimit(.minutes(1))) struct TopicWatchTests {
    private let pace = TopicWatch.Pace(
        timeout: .milliseconds(200),
        retry: .milliseconds(20),
        refresh: .milliseconds(50)
    )

    @Test func `a cluster that comes, goes and comes back is told each time`() async throws {
        let embedded = try EmbeddedTopic(partitions: 12)
        try embedded.cluster.brokerDown()
        let producer = try Producer(embedded.producerSettings())
        defer { producer.close() }
        let (states, continuation) = AsyncStream.makeStream(of: TopicWatch.State.self)
        let watch = TopicWatch(producer, topic: "events", pace: pace) { continuation.yield($0) }
        defer { watch.stop() }
        var seen = 0
        for await state in states {
            switch state {
            case .unavailable(let reason):
                #expect(reason.isRetriable)
                try embedded.cluster.brokerUp()
            case .ready(let partitions):
                #expect(partitions == 12)
                seen += 1
                if seen == 1 { try embedded.cluster.brokerDown() }
            case .changed: Issue.record("the partition count did not change")
            }
            if seen == 2 { break }
        }
    }

    @Test func `stopping and closing take no longer than one answer may take`() throws {
        let embedded = try EmbeddedTopic()
        try embedded.cluster.brokerDown()
        let producer = try Producer(embedded.producerSettings())
        let slow = TopicWatch.Pace(timeout: .milliseconds(200), retry: .seconds(60), refresh: .seconds(60))
        let watches = (0..<5).map { _ in TopicWatch(producer, topic: "events", pace: slow) { _ in } }
        let start = ContinuousClock.now
        for watch in watches { watch.stop() }
        producer.close()
        #expect(start.duration(to: .now) < .seconds(3))
    }

    @Test func `a watch ends by itself when its producer is closed`() async throws {
        let embedded = try EmbeddedTopic()
        let producer = try Producer(embedded.producerSettings())
        let (states, continuation) = AsyncStream.makeStream(of: TopicWatch.State.self)
        watch(producer, until: continuation)
        producer.close()
        for await _ in states {}
    }

    /// Lets the watch's closure hold the only reference to what ends the stream.
    private func watch(_ producer: Producer, until end: AsyncStream<TopicWatch.State>.Continuation) {
        let token = EndOfWatch(end)
        _ = TopicWatch(producer, topic: "events", pace: pace) { _ in token.touch() }
    }

    private static let lost = KafkaError(code: -195)
    private static let missing = KafkaError(code: 3)

    @Test(
        arguments: [
            ([.success(12), .success(12)], [.ready(partitions: 12), nil]),
            ([.failure(lost), .failure(lost), .success(12)], [.unavailable(lost), nil, .ready(partitions: 12)]),
            ([.failure(lost), .failure(missing)], [.unavailable(lost), .unavailable(missing)]),
            ([.success(12), .success(24), .success(24)], [.ready(partitions: 12), .changed(from: 12, to: 24), nil]),
            (
                [.success(12), .failure(lost), .success(24), .success(12)],
                [.ready(partitions: 12), .unavailable(lost), .changed(from: 12, to: 24), .ready(partitions: 12)]
            ),
        ] as [([Result<Int, KafkaError>], [TopicWatch.State?])]
    )
    func `only changes are told and the count first seen is remembered`(
        _ answers: [Result<Int, KafkaError>],
        _ expected: [TopicWatch.State?]
    ) {
        var memory = TopicMemory()
        #expect(answers.map { memory.take($0) } == expected)
    }
}

/// Ends a stream when the last reference to it goes.
private final class EndOfWatch: Sendable {
    private let continuation: AsyncStream<TopicWatch.State>.Continuation

    init(_ continuation: AsyncStream<TopicWatch.State>.Continuation) {
        self.continuation = continuation
    }

    deinit { continuation.finish() }

    func touch() {}
}
