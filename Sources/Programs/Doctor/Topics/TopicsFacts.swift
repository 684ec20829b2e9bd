package import Kafka

/// The topics of the edge as the cluster has them.
package struct TopicsFacts: Sendable, Equatable {
    package var brokers: Int
    /// By name; those that do not exist are missing.
    package var topics: [String: TopicFacts] = [:]
    /// Why the topics' settings are not known.
    package var configFailure: String?

    package init(brokers: Int) {
        self.brokers = brokers
    }
}

package struct TopicFacts: Sendable, Equatable {
    package var partitions: [ClusterDescription.Partition]
    /// Kafka's names and what is in force; nil when it could not be read.
    package var config: [String: String]?

    package init(partitions: [ClusterDescription.Partition], config: [String: String]? = nil) {
        self.partitions = partitions
        self.config = config
    }

    var replicationFactor: Int { partitions.map(\.replicas).min() ?? 0 }
    var inSyncReplicas: Int { partitions.map(\.inSyncReplicas).min() ?? 0 }

    /// A setting that is a whole number.
    func number(_ name: String) -> Int? { config?[name].flatMap { Int($0) } }

    /// Whether old records of a key are taken away.
    var isCompacted: Bool? { config?["cleanup.policy"].map { $0.contains("compact") } }
}
