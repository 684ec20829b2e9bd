/// A record to be sent, or one that was read.
public struct Record: Sendable, Equatable {
    /// One header. Names may repeat.
    public struct Header: Sendable, Equatable {
        /// The header's name.
        public var name: String
        /// Its bytes; `nil` for null.
        public var value: [UInt8]?

        /// A header.
        public init(name: String, value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    /// The topic's name.
    public var topic: String
    /// The partition it was read from; `nil` before. The partitioner chooses when a record is sent.
    public var partition: Int32?
    /// The offset it was read at; `nil` before.
    public var offset: Int64?
    /// Milliseconds since 1970; `nil` lets the client put the time of sending.
    public var timestampMilliseconds: Int64?
    /// The key's bytes; `nil` for null.
    public var key: [UInt8]?
    /// Headers in order.
    public var headers: [Header]
    /// The value's bytes; `nil` for null, a tombstone in a compacted topic.
    public var value: [UInt8]?

    /// A record.
    public init(
        topic: String,
        partition: Int32? = nil,
        offset: Int64? = nil,
        timestampMilliseconds: Int64? = nil,
        key: [UInt8]? = nil,
        headers: [Header] = [],
        value: [UInt8]?
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestampMilliseconds = timestampMilliseconds
        self.key = key
        self.headers = headers
        self.value = value
    }
}

/// Where a record was written.
public struct RecordMetadata: Sendable, Equatable {
    /// The topic's name.
    public let topic: String
    /// The partition.
    public let partition: Int32
    /// The record's offset in the partition.
    public let offset: Int64
}
