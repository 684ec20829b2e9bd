import Foundation

/// One or three nodes of real Kafka in a cluster.
package final class KafkaCluster: Sendable {
    package let nodes: [KafkaNode]

    package var bootstrapServers: String { nodes.map(\.bootstrapServers).joined(separator: ",") }

    private init(nodes: [KafkaNode]) {
        self.nodes = nodes
    }

    /// Starts the nodes from `$KAFKA_HOME` and waits until all of them serve; `properties` are added to each node's.
    /// - Throws: `KafkaMissing` when there is no distribution, `LineNeverCame` when a node does not come up.
    package static func start(
        nodes count: Int,
        heapMegabytes: Int = 384,
        properties: [String: String] = [:]
    ) async throws -> KafkaCluster {
        let distribution = try KafkaDistribution.installed.get()
        let nodes = try (1...count).map {
            try KafkaNode(id: $0, distribution: distribution, heapMegabytes: heapMegabytes)
        }
        let voters = nodes.map { "\($0.id)@127.0.0.1:\($0.controllerPort)" }.joined(separator: ",")
        let clusterID = newClusterID()
        for node in nodes {
            try await node.format(clusterID: clusterID, voters: voters, nodes: count, properties: properties)
        }
        for node in nodes { try node.launch() }
        for node in nodes { try await node.waitUntilServing() }
        return KafkaCluster(nodes: nodes)
    }

    /// Kills all nodes and waits until they have ended.
    package func stop() async {
        for node in nodes { await node.kill() }
    }

    /// 16 random bytes in URL-safe base 64 without padding, as Kafka writes its ids.
    private static func newClusterID() -> String {
        let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        return Data(bytes).base64EncodedString()
            .replacingOccurrences(of: "+", with: "a").replacingOccurrences(of: "/", with: "b")
            .replacingOccurrences(of: "=", with: "")
    }
}
