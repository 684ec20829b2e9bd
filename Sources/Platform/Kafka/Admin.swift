import CRdKafka
import Dispatch

/// Creates and describes topics, and describes consumer groups. Calls suspend the task; the blocking happens elsewhere.
/// End it with ``close()``.
public final class Admin: Sendable {
    let client: ClientHandle

    /// Makes the client; brokers are contacted in the background.
    ///
    /// Throws an error that names the setting that is unknown, wrong or set twice.
    public init(_ settings: ClientSettings) throws(KafkaError) {
        client = try ClientHandle(settings, [], type: RD_KAFKA_PRODUCER)
    }

    /// An admin client that nobody closed is freed elsewhere, since that blocks.
    deinit {
        guard client.shut() else { return }
        blockingWork.async { [client] in client.destroy() }
    }

    /// Creates topics, each for itself: the results say which were created, in the order asked for.
    ///
    /// `validateOnly` lets the broker check everything and create nothing.
    /// Throws what kept the whole request from being answered, such as ``KafkaError/isTimedOut``.
    public func createTopics(
        _ topics: [NewTopic],
        validateOnly: Bool = false,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [TopicResult] {
        try await offPool { [client] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                try AdminRequest.createTopics(topics, validateOnly, client, timeout)
            }
        }
    }

    /// Creates one topic.
    ///
    /// A `replicationFactor` of -1 leaves it to the broker.
    /// Throws ``KafkaError/isTopicAlreadyExists`` and everything else that kept it from being created.
    public func createTopic(
        _ name: String,
        partitions: Int,
        replicationFactor: Int = -1,
        config: [String: String] = [:],
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) {
        let topic = NewTopic(name, partitions: partitions, replicationFactor: replicationFactor, config: config)
        for result in try await createTopics([topic], timeout: timeout) {
            if let error = result.error { throw error }
        }
    }

    /// Describes those of the named topics that exist, by name. Creates none, whatever the broker's settings.
    ///
    /// `includingConfig` asks for the topics' settings as well, which takes a second request and, on a
    ///   cluster with ACLs, the right to describe configs.
    public func describeTopics(
        _ names: [String],
        includingConfig: Bool = true,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [String: TopicDescription] {
        try await offPool { [client] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                var found = try AdminRequest.describeTopics(names, client, timeout)
                guard includingConfig, !found.isEmpty else { return found }
                for (name, config) in try AdminRequest.describeConfigs(found.keys.sorted(), client, timeout) {
                    found[name]?.config = config
                }
                return found
            }
        }
    }

    /// Ends librdkafka's threads and frees everything. Idempotent. Blocks for some milliseconds.
    public func close() {
        guard client.shut() else { return }
        client.destroy()
    }
}

/// A topic to be created.
public struct NewTopic: Sendable, Equatable {
    /// The topic's name.
    public var name: String
    /// How many partitions it gets.
    public var partitions: Int
    /// How many brokers hold each partition; -1 for the broker's default.
    public var replicationFactor: Int
    /// Topic settings by Kafka's names, such as `cleanup.policy`.
    public var config: [String: String]

    /// A topic to be created.
    public init(_ name: String, partitions: Int, replicationFactor: Int = -1, config: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.config = config
    }
}

/// What became of one topic that was to be created.
public struct TopicResult: Sendable, Equatable {
    /// The topic's name.
    public let name: String
    /// `nil` if it was created (or would have been); see ``KafkaError/isTopicAlreadyExists``.
    public let error: KafkaError?
}

/// A topic as the cluster has it.
public struct TopicDescription: Sendable, Equatable {
    /// One topic setting.
    public struct ConfigEntry: Sendable, Equatable {
        /// `nil` for values the broker does not show.
        public let value: String?
        /// Not set on the topic itself.
        public let isDefault: Bool

        package init(value: String?, isDefault: Bool) {
            self.value = value
            self.isDefault = isDefault
        }
    }

    /// The topic's name.
    public let name: String
    /// How many partitions it has.
    public let partitionCount: Int
    /// The smallest number of replicas among its partitions.
    public let replicationFactor: Int
    /// Topic settings by Kafka's names; empty when they were not asked for.
    public internal(set) var config: [String: ConfigEntry] = [:]
}
