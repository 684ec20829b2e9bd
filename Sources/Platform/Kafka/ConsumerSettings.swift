/// How a ``Consumer`` reads.
public struct ConsumerSettings: Sendable {
    /// Cluster and connection.
    public var client: ClientSettings

    /// KiB that may be fetched ahead of the reader for each partition.
    public var prefetchKibibytesMax: Int

    /// How long a broker may hold a fetch back for more data.
    public var fetchWaitMilliseconds: Int

    /// How often the client asks what the topics are like; `nil` leaves librdkafka's five minutes or `extra`.
    ///
    /// The answer also lets a client that has fetched all it may look again whether it may fetch more, which
    /// librdkafka 2.0 otherwise does once a second: whoever wants a small prefetch and much throughput asks often.
    public var metadataRefreshMilliseconds: Int?

    /// Settings with defaults for reading a few partitions quickly.
    public init(
        client: ClientSettings,
        prefetchKibibytesMax: Int = 16_384,
        fetchWaitMilliseconds: Int = 50,
        metadataRefreshMilliseconds: Int? = nil
    ) {
        self.client = client
        self.prefetchKibibytesMax = prefetchKibibytesMax
        self.fetchWaitMilliseconds = fetchWaitMilliseconds
        self.metadataRefreshMilliseconds = metadataRefreshMilliseconds
    }

    var options: [ClientOption] {
        var options = [
            ClientOption("enable.partition.eof", true),
            ClientOption("auto.offset.reset", "earliest"),
            ClientOption("queued.max.messages.kbytes", prefetchKibibytesMax),
            ClientOption("fetch.wait.max.ms", fetchWaitMilliseconds),
            ClientOption("fetch.error.backoff.ms", 50),
        ]
        if let metadataRefreshMilliseconds {
            options.append(ClientOption("topic.metadata.refresh.interval.ms", metadataRefreshMilliseconds))
        }
        return options
    }
}
