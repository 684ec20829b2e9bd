/// How a ``GroupConsumer`` takes part in its group. Offsets are committed by the owner only.
public struct GroupConsumerSettings: Sendable {
    /// How partitions are divided among the members, which must agree on one; to change it, stop them all first.
    public enum Assignor: String, Sendable, CaseIterable {
        /// Members keep what they have; only what moves is revoked, and the rest is read on meanwhile.
        case cooperativeSticky = "cooperative-sticky"
        /// Everything is revoked and assigned anew, in neighbouring ranges.
        case range
        /// Everything is revoked and assigned anew, one after the other.
        case roundRobin = "roundrobin"
    }

    /// Where a partition without a committed offset begins.
    public enum Start: String, Sendable, CaseIterable {
        /// At the oldest record that is still kept.
        case beginning
        /// At the first record that comes after the assignment.
        case end
    }

    /// Cluster and connection.
    public var client: ClientSettings

    /// The group's id.
    public var group: String

    /// A name of this member that outlives its process: a member that comes back under it within the session timeout
    /// gets its partitions back without a rebalance. One process at a time may use it.
    public var instanceID: String?

    /// How partitions are divided.
    public var assignor: Assignor

    /// Where a partition without a committed offset begins.
    public var start: Start

    /// How long the group may miss this member's heartbeats before its partitions go to others.
    public var sessionTimeoutMilliseconds: Int

    /// How long the owner may not call ``GroupConsumer/nextEvent()`` before the member is considered stuck and leaves
    /// the group. It is also how long the group waits for this member in a rebalance.
    public var pollIntervalMillisecondsMax: Int

    /// KiB that may be fetched ahead of the reader for each partition.
    ///
    /// Limit: librdkafka before 2.2 looks only once a second whether a partition at this limit may be fetched again, so
    /// it also bounds what one partition delivers in a second.
    public var prefetchKibibytesMax: Int

    /// How long a broker may hold a fetch back for more data.
    public var fetchWaitMilliseconds: Int

    /// Settings with defaults for a service that reads events as they arrive.
    public init(
        client: ClientSettings,
        group: String,
        instanceID: String? = nil,
        assignor: Assignor = .cooperativeSticky,
        start: Start = .beginning,
        sessionTimeoutMilliseconds: Int = 45_000,
        pollIntervalMillisecondsMax: Int = 300_000,
        prefetchKibibytesMax: Int = 16_384,
        fetchWaitMilliseconds: Int = 100
    ) {
        self.client = client
        self.group = group
        self.instanceID = instanceID
        self.assignor = assignor
        self.start = start
        self.sessionTimeoutMilliseconds = sessionTimeoutMilliseconds
        self.pollIntervalMillisecondsMax = pollIntervalMillisecondsMax
        self.prefetchKibibytesMax = prefetchKibibytesMax
        self.fetchWaitMilliseconds = fetchWaitMilliseconds
    }

    var options: [ClientOption] {
        var options = [
            ClientOption("group.id", group),
            ClientOption("partition.assignment.strategy", assignor.rawValue),
            ClientOption("auto.offset.reset", start == .beginning ? "earliest" : "latest"),
            ClientOption("enable.auto.commit", false),
            ClientOption("enable.auto.offset.store", false),
            ClientOption("session.timeout.ms", sessionTimeoutMilliseconds),
            // Limit: three heartbeats may be lost within a session, as Kafka's own clients have it.
            ClientOption("heartbeat.interval.ms", max(1, min(3000, sessionTimeoutMilliseconds / 3))),
            ClientOption("max.poll.interval.ms", max(pollIntervalMillisecondsMax, sessionTimeoutMilliseconds)),
            ClientOption("queued.min.messages", 1_000_000),
            ClientOption("queued.max.messages.kbytes", prefetchKibibytesMax),
            ClientOption("fetch.wait.max.ms", fetchWaitMilliseconds),
            ClientOption("fetch.error.backoff.ms", 50),
        ]
        if let instanceID { options.append(ClientOption("group.instance.id", instanceID)) }
        return options
    }
}
