import Foundation
import Subscriptions
import Testing

@Suite
struct SubscriptionsTopicTests {
    private struct List: Decodable {
        struct Topic: Decodable {
            let name: String
            let partitions: Int
            let config: [String: String]
        }

        let topics: [Topic]
    }

    @Test
    func `the list of topics to deploy has the subscriptions topic as topics apply makes it`() throws {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let data = try Data(contentsOf: repository.appending(path: "deploy/topics.json"))
        let topics = try JSONDecoder().decode(List.self, from: data).topics
        let topic = try #require(topics.first { $0.name == "notion.subscriptions.v1" })
        #expect(topic.partitions == 1)
        #expect(topic.config.merging(SubscriptionsTopic.config) { _, wanted in wanted } == topic.config)
        #expect(topic.config["min.insync.replicas"] == "2")
    }
}
