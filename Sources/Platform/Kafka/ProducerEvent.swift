/// What a producer reports to its owner.
public enum ProducerEvent: Sendable {
    /// A record is acknowledged or has failed. Exactly one for every record that `produce` took.
    case delivered(DeliveryReport)
    /// An error that librdkafka recovers from by itself: a broker is down, a name does not resolve.
    case error(KafkaError)
    /// The producer cannot go on: close it and create a new one.
    case fatal(KafkaError)
    /// librdkafka's statistics as JSON; see ``Statistics/init(json:)``.
    case statistics([UInt8])
    /// A line of librdkafka's log.
    case log(LogLine)
}

/// The result of one record.
public struct DeliveryReport: Sendable {
    /// Whether the record is in the log, when it failed.
    public enum Persistence: Sendable {
        /// The record was never sent.
        case notPersisted
        /// It was sent and not answered: it may be in the log, and a retry may duplicate it.
        case possiblyPersisted
        /// The broker acknowledged it.
        case persisted
    }

    /// The number given to `produce`.
    public let opaque: UInt
    /// The partition, or -1 if none had been chosen.
    public let partition: Int32
    /// The record's offset, or -1 if it is not known.
    public let offset: Int64
    /// From `produce` to the acknowledgement, or -1 if there was none.
    public let latencyMicroseconds: Int64
    /// Bytes of key and value; the headers are not counted.
    package let recordBytes: Int
    /// Whether the record is in the log.
    public let persistence: Persistence
    /// `nil` for an acknowledged record.
    public let error: KafkaError?
}

/// A line of librdkafka's log.
public struct LogLine: Sendable {
    /// syslog's severity: 3 error, 4 warning, 5 notice, 6 info, 7 debug.
    public let severity: Int
    /// librdkafka's short tag, such as `FAIL`.
    public let facility: String
    /// The text.
    public let text: String
}
