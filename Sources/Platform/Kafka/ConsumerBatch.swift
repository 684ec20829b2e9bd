import CRdKafka

/// The result of one call to a ``Consumer``.
public struct ConsumerBatch: Sendable {
    /// The end of a partition was reached: all records before `offset` have been handed out.
    public struct PartitionEnd: Sendable, Equatable {
        /// The topic's name.
        public let topic: String
        /// The partition.
        public let partition: Int32
        /// The offset that its next record will have.
        public let offset: Int64
    }

    /// Records, in order within each partition.
    public internal(set) var records: [Record] = []

    /// Partitions read to their end; reported again each time the end is reached.
    public internal(set) var ends: [PartitionEnd] = []

    /// Errors since the last call; the client keeps trying.
    public internal(set) var errors: [KafkaError] = []

    /// True when the deadline passed without anything.
    public var isEmpty: Bool { records.isEmpty && ends.isEmpty && errors.isEmpty }

    /// Moves the records out, so that the caller has the only reference to them.
    package mutating func takeRecords() -> [Record] {
        defer { records = [] }
        return records
    }

    /// Copies a message and frees it.
    mutating func take(_ message: UnsafeMutablePointer<rd_kafka_message_t>, _ names: [OpaquePointer: String]) {
        take(message, message.pointee.rkt.flatMap { names[$0] } ?? "")
    }

    mutating func reserve(_ count: Int) { records.reserveCapacity(count) }

    /// Copies a message of a known topic and frees it.
    mutating func take(_ message: UnsafeMutablePointer<rd_kafka_message_t>, _ topic: String) {
        defer { rd_kafka_message_destroy(message) }
        let partition = message.pointee.partition
        switch message.pointee.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR: records.append(Record(message, topic))
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            ends.append(PartitionEnd(topic: topic, partition: partition, offset: message.pointee.offset))
        default:
            let detail = rd_kafka_message_errstr(message).map { "\(topic) [\(partition)]: \(String(cString: $0))" }
            errors.append(KafkaError(message.pointee.err, detail: detail))
        }
    }
}

extension Record {
    init(_ message: UnsafeMutablePointer<rd_kafka_message_t>, _ topic: String) {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let time = rd_kafka_message_timestamp(message, &kind)
        self.init(
            topic: topic,
            partition: message.pointee.partition,
            offset: message.pointee.offset,
            timestampMilliseconds: kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : Record.bounded(time),
            key: Record.bytes(message.pointee.key, message.pointee.key_len),
            headers: HeaderList(detachedFrom: message),
            value: Record.bytes(message.pointee.payload, message.pointee.len)
        )
    }

    // Limit: the difference of two times that were read, and some of them together, always fit into their type.
    // Nanoseconds, which some producers write, stay below it until 2043.
    package static let timeMax: Int64 = 1 << 61

    /// A record's time is whatever its producer wrote. Kafka knows none before 1970.
    private static func bounded(_ time: Int64) -> Int64? { time < 0 ? nil : min(time, timeMax) }

    private static func bytes(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
        start.map { Array(UnsafeRawBufferPointer(start: $0, count: count)) }
    }
}
