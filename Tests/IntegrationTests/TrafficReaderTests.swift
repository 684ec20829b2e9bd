import Kafka
import OrderedConsumer
import Subscriptions
import TestSupport
import Testing

@testable import SubscriptionAdministration

/// Traffic read from a real broker's topic, which finds offsets by times.
@Suite(.timeLimit(.minutes(2)))
struct TrafficReaderTests {
    private static let start: Int64 = 1_790_000_000_000

    /// Three partitions; each record a second after the one before it, subscriptions in turn.
    private func topic(_ count: Int) async throws -> (name: String, client: ClientSettings) {
        let (name, client) = try await SharedKafka.topic(partitions: 3)
        let records = (0..<count).map { number in
            let headers = [
                ("ce_source", "/notion/workspaces/w/subscriptions/s\(number % 2)"),
                ("ce_type", "com.notion.page.created"),
            ]
            return Record(
                topic: name,
                timestampMilliseconds: Self.start + Int64(number) * 1000,
                key: Array("k\(number % 9)".utf8),
                headers: headers.map { .init(name: $0.0, value: Array($0.1.utf8)) },
                value: Array("v".utf8)
            )
        }
        try RecordSender.send(records, client)
        return (name, client)
    }

    private func reader(_ topic: (name: String, client: ClientSettings)) -> TrafficReader {
        TrafficReader(client: topic.client, topic: topic.name, now: { Self.start + 3_600_000 })
    }

    @Test(.needsKafka)
    func `it reads from a time to the ends, over all partitions`() async throws {
        let topic = try await topic(90)
        let all = try await reader(topic).read(since: 0)
        #expect(all.recordsRead == 90 && all.isComplete)
        #expect(all.subscriptions.map(\.events) == [45, 45])
        #expect(all.subscriptions.map(\.longestSilence) == [2000, 2000])
        let late = try await reader(topic).read(since: Self.start + 80_000)
        #expect(late.recordsRead == 10 && late.isComplete)
        #expect(late.subscriptions.map(\.firstAt) == [Self.start + 80_000, Self.start + 81_000])
        let none = try await reader(topic).read(since: Self.start + 90_000)
        #expect(none.subscriptions.isEmpty && none.recordsRead == 0 && none.isComplete)
    }

    @Test(.needsKafka)
    func `beyond the limit the newest of each partition are read`() async throws {
        let topic = try await topic(90)
        let newest = try await reader(topic).read(since: 0, recordsMax: 12)
        #expect(newest.recordsRead == 12 && !newest.isComplete)
        #expect(newest.subscriptions.allSatisfy { $0.firstAt > Self.start + 30_000 })
        #expect(newest.subscriptions.map(\.lastAt).max() == Self.start + 89_000)
    }

    @Test(.needsKafka)
    func `a topic that is not there is said so`() async throws {
        let client = ClientSettings(bootstrapServers: [try await SharedKafka.node().bootstrapServers])
        await #expect(throws: TopicReaderError.noTopic("nowhere")) {
            try await reader((name: "nowhere", client: client)).read(since: 0)
        }
    }
}
