import Foundation
import Kafka
import NotionWebhooks
import TestSupport

/// The built `notion-relay receive` with one loop, in front of a real one-node Kafka.
struct Edge: Sendable {
    let contender: Contender
    private let relay: RelayProcess
    private let kafka: KafkaNode
    private let topic = "notion.events.v1"

    static let partitions = 12

    /// Nil when there is no Kafka to start.
    static func start(token: VerificationToken) async throws -> Edge? {
        guard case .success = KafkaDistribution.installed else { return nil }
        // Old records are deleted so that a long run fits on a small disk; offsets go on counting.
        let kafka = try await KafkaNode.start(
            heapMegabytes: 768,
            properties: [
                "log.segment.bytes": "67108864", "log.retention.bytes": "134217728",
                "log.retention.check.interval.ms": "5000", "log.segment.delete.delay.ms": "1000",
            ]
        )
        let admin = try Admin(ClientSettings(bootstrapServers: [kafka.bootstrapServers]))
        defer { admin.close() }
        for name in ["notion.events.v1", "notion.dead-letter.v1"] {
            try await admin.createTopic(name, partitions: partitions, replicationFactor: 1)
        }
        let relay = try RelayProcess.receive(
            kafka: kafka.bootstrapServers,
            token: token.revealed(),
            arguments: ["--loops", "1"]
        )
        try await relay.waitUntilReady()
        return Edge(
            contender: Contender(name: "edge", port: relay.port, child: relay.child),
            relay: relay,
            kafka: kafka
        )
    }

    /// How many records were written to the topic, from its partitions' high watermarks.
    func records() async throws -> Int {
        let settings = ConsumerSettings(client: ClientSettings(bootstrapServers: [kafka.bootstrapServers]))
        let consumer = try Consumer(settings)
        defer { consumer.close() }
        var sum = 0
        for partition in 0..<Int32(Self.partitions) {
            sum += Int(try await consumer.watermarks(of: topic, partition: partition).upperBound)
        }
        return sum
    }
}
