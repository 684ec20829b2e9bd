/// How a ``Consumer`` reads.
public struct ConsumerSettings: Sendable {
    /// Cluster and connection.
    public var client: ClientSettings

    /// KiB that may be fetched ahead of the reader for each partition.
    public var prefetchKibibytesMax: Int

    /// How long a broker may hold a fetch back for more data.
    public var fetchWaitMilliseconds: Int

    /// Settings with defaults for reading a few partitions quickly.
    public init(client: ClientSettings, prefetchKibibytesMax: Int = 16_384, fetchWaitMilliseconds: Int = 50) {
        self.client = client
        self.prefetchKibibytesMax = prefetchKibibytesMax
        self.fetchWaitMilliseconds = fetchWaitMilliseconds
    }

    var options: [ClientOption] {
        [
            ClientOption("enable.partition.eof", true),
            ClientOption("auto.offset.reset", "earliest"),
            ClientOption("queued.max.messages.kbytes", prefetchKibibytesMax),
            ClientOption("fetch.wait.max.ms", fetchWaitMilliseconds),
            ClientOption("fetch.error.backoff.ms", 50),
        ]
    }
}
