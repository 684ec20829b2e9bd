import Foundation
import HTTPServer
import Kafka
import Operations
import Receiver
import Subscriptions
import Testing

@Suite
struct MetricNamesTests {
    /// What a running edge registers. Its broker is a port where nobody listens: names do not depend on Kafka.
    private func summary() throws -> [String] {
        let listen = try #require(ListenAddress("127.0.0.1:0"))
        let client = ClientSettings(bootstrapServers: ["127.0.0.1:1"])
        var settings = ReceiverSettings(
            listen: listen,
            producer: ProducerSettings(client: client),
            tokens: [],
            enrolment: .closed
        )
        settings.subscriptions = SubscriptionsTopic(client, topic: "subscriptions", keys: SealingKeys([.generate()]))
        let metrics = MetricRegistry()
        ProcessMetrics.register(in: metrics, librdkafkaVersion: "2.0.2")
        CertificateWatch.register(in: metrics)
        let edge = try Edge(settings, metrics: metrics, health: Health(), log: Log(level: .error, sink: { _ in }))
        try edge.start()
        _ = edge.stop()
        return metrics.summary
    }

    @Test
    func `metrics keep the names and labels that dashboards ask for`() throws {
        try Golden("metrics.txt").expect(summary().sorted().joined(separator: "\n") + "\n")
    }

    /// The page lists the program's own one by one; those of librdkafka and of the process by their beginning.
    @Test
    func `the page about operating tells of every metric`() throws {
        let file = Golden.repository.appending(path: "docs/operating.md")
        let page = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        for line in try summary() {
            let name = try #require(line.split(separator: " ").first)
            let isListed = page.contains("`\(name)`") || page.contains("`\(name){")
            let isGrouped = ["notion_relay_kafka_", "process_"].contains { name.hasPrefix($0) }
            #expect(isListed || isGrouped, "\(name) is not in docs/operating.md")
        }
    }
}
