/// How a ``Producer`` writes. Idempotence, `acks=all` and the Java client's partitioner are fixed: order per key
/// and "acknowledged means kept" depend on them.
public struct ProducerSettings: Sendable {
    /// Cluster and connection.
    public var client: ClientSettings

    /// How long a record may wait for others in its batch.
    public var lingerMilliseconds: Int

    /// How long a record may take from `produce` to its report, all retries included; 0 for no limit, so that none is
    /// given up while others of its key are sent.
    public var messageTimeoutMilliseconds: Int

    /// Records that may be unreported at a time; one more is refused with ``KafkaError/isQueueFull``.
    public var queueMessagesMax: Int

    /// KiB of records that may be unreported at a time.
    public var queueKibibytesMax: Int

    /// `none`, `gzip`, `snappy`, `lz4` or `zstd`; `nil` leaves it to `extra`.
    public var compression: String?

    /// The largest record the client accepts, in bytes; `nil` leaves librdkafka's 1,000,000 or `extra`.
    public var messageBytesMax: Int?

    /// The largest batch that is sent, in bytes; `nil` leaves librdkafka's 1,000,000 or `extra`. A topic refuses a
    /// batch over its `max.message.bytes` as a whole, however small its records are.
    public var batchBytesMax: Int?

    /// How often a ``ProducerEvent/statistics(_:)`` event comes; 0 means never.
    public var statisticsIntervalMilliseconds: Int

    /// Settings with the edge's defaults.
    ///
    /// Limit: 50,000 records and 128 MiB stand above the edge's own admission limits, so that a full queue is an
    /// exception and memory stays bounded all the same.
    public init(
        client: ClientSettings,
        lingerMilliseconds: Int = 5,
        messageTimeoutMilliseconds: Int = 8000,
        queueMessagesMax: Int = 50_000,
        queueKibibytesMax: Int = 131_072,
        compression: String? = nil,
        messageBytesMax: Int? = nil,
        batchBytesMax: Int? = nil,
        statisticsIntervalMilliseconds: Int = 1000
    ) {
        self.client = client
        self.lingerMilliseconds = lingerMilliseconds
        self.messageTimeoutMilliseconds = messageTimeoutMilliseconds
        self.queueMessagesMax = queueMessagesMax
        self.queueKibibytesMax = queueKibibytesMax
        self.compression = compression
        self.messageBytesMax = messageBytesMax
        self.batchBytesMax = batchBytesMax
        self.statisticsIntervalMilliseconds = statisticsIntervalMilliseconds
    }

    var options: [ClientOption] {
        var options = [
            ClientOption("enable.idempotence", true),
            ClientOption("acks", aliases: ["request.required.acks"], "all"),
            ClientOption("partitioner", "murmur2_random"),
            ClientOption("linger.ms", aliases: ["queue.buffering.max.ms"], lingerMilliseconds),
            ClientOption("message.timeout.ms", aliases: ["delivery.timeout.ms"], messageTimeoutMilliseconds),
            ClientOption("queue.buffering.max.messages", queueMessagesMax),
            ClientOption("queue.buffering.max.kbytes", queueKibibytesMax),
            ClientOption("statistics.interval.ms", statisticsIntervalMilliseconds),
        ]
        if let compression {
            options.append(ClientOption("compression.type", aliases: ["compression.codec"], compression))
        }
        if let messageBytesMax { options.append(ClientOption("message.max.bytes", messageBytesMax)) }
        if let batchBytesMax { options.append(ClientOption("batch.size", batchBytesMax)) }
        return options
    }
}
