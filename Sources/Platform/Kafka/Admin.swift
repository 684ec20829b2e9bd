import CRdKafka
import Dispatch
import Synchronization

/// Creates and describes topics, and describes consumer groups. Calls suspend the task and block another thread.
/// End it with ``close()``.
public final class Admin: Sendable {
    private let settings: ClientSettings
    private let client: ClientHandle
    /// For committed offsets, made when they are first asked for.
    private let offsetsClient = Mutex<ClientHandle?>(nil)

    /// Makes the client; brokers are contacted in the background.
    ///
    /// Throws an error that names the setting that is unknown, wrong or set twice.
    public init(_ settings: ClientSettings) throws(KafkaError) {
        self.settings = settings
        client = try ClientHandle(settings, [], type: RD_KAFKA_PRODUCER)
    }

    /// An admin client that was not closed is freed on another thread, since that blocks.
    deinit {
        guard client.shut() else { return }
        let clients = [client] + [offsetsClient.withLock { $0.take() }].compactMap(\.self)
        blockingWork.async {
            for client in clients where client === clients.first || client.shut() { client.destroy() }
        }
    }

    /// Creates topics independently of each other: the results say which were created, in the order of the request.
    ///
    /// `validateOnly` makes the broker check everything and create nothing.
    /// Throws an error of the request as a whole, such as ``KafkaError/isTimedOut``.
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

    /// Creates topics as ``createTopics(_:validateOnly:timeout:)`` does. What brokers before Kafka 3.6 do not know of
    /// records' times is asked for again by its older name.
    package func createTopicsOfAnyAge(
        _ topics: [NewTopic],
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [TopicResult] {
        let results = try await createTopics(topics, timeout: timeout)
        let refused = zip(topics, results).filter { $1.error?.isInvalidConfig == true }.compactMap(\.0.forOldBrokers)
        guard !refused.isEmpty else { return results }
        let again = try await createTopics(refused, timeout: timeout)
        return results.map { result in again.first { $0.name == result.name } ?? result }
    }

    /// Creates one topic.
    ///
    /// A `replicationFactor` of -1 leaves it to the broker.
    /// Throws ``KafkaError/isTopicAlreadyExists`` or the error that prevented the creation.
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
    ///   cluster with ACLs, the right to describe configs. A topic that this user may not see is then no missing one.
    public func describeTopics(
        _ names: [String],
        includingConfig: Bool = true,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [String: TopicDescription] {
        try await offPool { [client] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                var found = try AdminRequest.describeTopics(names, client, timeout)
                guard includingConfig, !names.isEmpty else { return found }
                for (name, config) in try AdminRequest.describeConfigs(Set(names).sorted(), client, timeout) {
                    guard found[name] != nil else {
                        throw KafkaError(
                            RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                            detail: "this user may not see topic \(name), which exists; grant Describe on it"
                        )
                    }
                    found[name]?.config = config
                }
                return found
            }
        }
    }

    /// The consumer groups of the cluster, in the order of their ids.
    ///
    /// Throws if a broker did not answer, since a partial list would look complete.
    public func listGroups(timeout: Duration = .seconds(10)) async throws(KafkaError) -> [GroupListing] {
        try await offPool { [client] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                try AdminRequest.listGroups(client, timeout).sorted { $0.id < $1.id }
            }
        }
    }

    /// A consumer group: its state and its members. A group that does not exist is ``GroupState/dead``.
    ///
    /// Only members that speak the classic protocol are seen, as all of librdkafka 2.0 do, not those of KIP-848
    /// (`group.protocol=consumer`).
    public func describeGroup(
        _ id: String,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> GroupDescription {
        try await offPool { [client] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                try AdminRequest.describeGroup(id, client, timeout)
            }
        }
    }

    /// The offsets that a group has committed: in all partitions, or in those of one topic.
    /// Partitions without a committed offset are missing.
    public func committedOffsets(
        group: String,
        topic: String? = nil,
        timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [TopicPartition: CommittedOffset] {
        try await offPool { [self] () throws(KafkaError) in
            try client(askingFor: group).borrow { client throws(KafkaError) in
                guard let topic else { return try AdminRequest.committedOffsets(group, nil, client, timeout) }
                let known = try AdminRequest.describeTopics([topic], client, timeout)[topic]
                guard let known, known.partitionCount > 0 else { return [:] }
                let partitions = (0..<known.partitionCount).map { TopicPartition(topic: topic, partition: Int32($0)) }
                return try AdminRequest.committedOffsets(group, partitions, client, timeout)
            }
        }
    }

    /// A client that has a group itself, though it never joins: when a broker answers that it is not the coordinator,
    /// librdkafka 2.0 looks for that of the client's own group, and ends the process where there is none.
    private func client(askingFor group: String) throws(KafkaError) -> ClientHandle {
        try offsetsClient.withLock { known throws(KafkaError) in
            guard !client.closed else { throw .closed }
            if let known { return known }
            let isGiven = group.isEmpty || settings.extra["group.id"] != nil
            let options = isGiven ? [] : [ClientOption("group.id", group)]
            let new = try ClientHandle(settings, options, type: RD_KAFKA_CONSUMER)
            known = new
            return new
        }
    }

    /// Describes the cluster and those of the named topics that exist. Creates none, whatever the broker's settings.
    package func describeCluster(
        topics names: [String],
        timeout: Duration
    ) async throws(KafkaError) -> ClusterDescription {
        try await offPool { [client] () throws(KafkaError) in
            try client.borrow { client throws(KafkaError) in
                try AdminRequest.describeCluster(names, client, timeout)
            }
        }
    }

    /// Partitions and settings of a topic; blocks. The settings are nil where this user may not read them.
    package func inspect(_ topic: String, timeout: Duration) throws(KafkaError) -> TopicInspection {
        try client.borrow { client throws(KafkaError) in
            guard let handle = rd_kafka_topic_new(client, topic, nil) else { throw KafkaError(rd_kafka_last_error()) }
            defer { rd_kafka_topic_destroy(handle) }
            let partitions = try self.client.partitionCount(handle, timeout)
            let config = try? AdminRequest.describeConfigs([topic], client, timeout)[topic]
            return TopicInspection(partitions: partitions, config: config?.compactMapValues(\.value))
        }
    }

    /// The client's errors since the last call, oldest first: a request without an answer only times out, and these are
    /// the reason.
    package func takeErrors() -> [KafkaError] {
        var errors: [KafkaError] = []
        for client in [client] + [offsetsClient.withLock { $0 }].compactMap(\.self) {
            try? client.borrow { _ throws(KafkaError) in
                while let event = rd_kafka_queue_poll(client.queue, 0) {
                    if rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR { errors.append(KafkaError(event: event)) }
                    rd_kafka_event_destroy(event)
                }
            }
        }
        return errors
    }

    /// Ends librdkafka's threads and frees everything. Idempotent. Blocks for some milliseconds.
    public func close() {
        guard client.shut() else { return }
        client.destroy()
        guard let other = offsetsClient.withLock({ $0.take() }), other.shut() else { return }
        other.destroy()
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

extension NewTopic {
    /// Settings by which a topic takes records of any time.
    package static let anyTime = [
        "message.timestamp.before.max.ms": String(Int64.max), "message.timestamp.after.max.ms": String(Int64.max),
    ]

    /// As brokers before Kafka 3.6 know it; nil if that is no different.
    package var forOldBrokers: NewTopic? {
        var old = self
        for name in Self.anyTime.keys { old.config[name] = nil }
        guard old != self else { return nil }
        old.config["message.timestamp.difference.max.ms"] = String(Int64.max)
        return old
    }
}

/// The result of creating one topic.
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

/// One topic, for whoever writes to it.
package struct TopicInspection: Sendable, Equatable {
    package let partitions: Int
    /// The values in force, by Kafka's names; nil when they could not be read.
    package let config: [String: String]?

    package init(partitions: Int, config: [String: String]?) {
        self.partitions = partitions
        self.config = config
    }

    package var messageBytesMax: Int? { config?["max.message.bytes"].flatMap { Int($0) } }

    /// The cleanup policy of a topic that keeps only the newest record of each key.
    package var compaction: String? { config?["cleanup.policy"].flatMap { $0.contains("compact") ? $0 : nil } }
}

/// A cluster and some of its topics, as a broker describes them now.
package struct ClusterDescription: Sendable, Equatable {
    /// A partition of a topic.
    package struct Partition: Sendable, Equatable {
        /// False while no broker leads it, so that it can be neither written nor read.
        package let hasLeader: Bool
        package let replicas: Int
        package let inSyncReplicas: Int

        package init(hasLeader: Bool, replicas: Int, inSyncReplicas: Int) {
            self.hasLeader = hasLeader
            self.replicas = replicas
            self.inSyncReplicas = inSyncReplicas
        }
    }

    package let brokers: Int
    /// By name; topics that do not exist, or may not be seen, are missing.
    package let topics: [String: [Partition]]

    package init(brokers: Int, topics: [String: [Partition]]) {
        self.brokers = brokers
        self.topics = topics
    }
}
