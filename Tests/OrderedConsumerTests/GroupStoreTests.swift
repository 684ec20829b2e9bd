import EmbeddedKafka
import Testing

@testable import Kafka
@testable import OrderedConsumer

@Suite(.timeLimit(.minutes(1)))
struct GroupStoreTests {
    @Test
    func `a producer that is beyond repair is replaced, and the next attempt succeeds`() async throws {
        let cluster = try EmbeddedCluster()
        let topics = try GroupTopics(topic: "t", group: "g")
        try cluster.createTopic(topics.state, partitions: 1)
        let client = ClientSettings(bootstrapServers: [cluster.bootstrapServers])
        let store = try GroupStore(topics) { () throws(KafkaError) in
            try Producer(ProducerSettings(client: client, lingerMilliseconds: 0), delivery: .awaited { _ in })
        }
        defer { store.close() }
        let first = store.producer
        try await store.write(.paused(Pause(sinceMilliseconds: 1)))
        first.raiseFatalError(code: 45, reason: "the sequence is broken")
        await #expect(throws: KafkaError.self) { try await store.write(.gone(.paused)) }
        #expect(store.producer !== first)
        try await store.write(.gone(.paused))
    }
}
