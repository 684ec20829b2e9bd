import CRdKafka

/// What went wrong between this process and Kafka: librdkafka's error code, its name and a sentence.
///
/// Codes below zero arise in the client, codes above zero come from a broker (KIP and protocol error codes). The text
/// never holds the value of a secret setting.
public struct KafkaError: Error, Sendable, Equatable {
    /// The raw `rd_kafka_resp_err_t`.
    public let code: Int32

    /// True when the producer that reported it cannot go on: close it and create a new one.
    public let isFatal: Bool

    /// A more specific message than the code's own.
    let detail: String?

    /// True when the client or the broker says that the same call may succeed later.
    public let isRetriable: Bool

    package init(code: Int32, detail: String? = nil, isFatal: Bool = false, isRetriable: Bool? = nil) {
        self.code = code
        self.detail = detail
        self.isFatal = isFatal
        self.isRetriable = isRetriable ?? KafkaError.retriableCodes.contains(code)
    }

    init(_ code: rd_kafka_resp_err_t, detail: String? = nil) {
        self.init(code: code.rawValue, detail: detail, isFatal: code == RD_KAFKA_RESP_ERR__FATAL)
    }

    /// The code's short name, such as `_QUEUE_FULL` or `TOPIC_ALREADY_EXISTS`.
    public var name: String { String(cString: rd_kafka_err2name(rd_kafka_resp_err_t(code))) }

    /// A sentence for people.
    public var message: String { detail ?? String(cString: rd_kafka_err2str(rd_kafka_resp_err_t(code))) }

    /// The producer's queue is full (`_QUEUE_FULL`): nothing was taken, try again after some reports.
    public var isQueueFull: Bool { code == RD_KAFKA_RESP_ERR__QUEUE_FULL.rawValue }

    /// A deadline passed: of the record (`_MSG_TIMED_OUT`), of a call (`_TIMED_OUT`) or at the broker.
    public var isTimedOut: Bool { KafkaError.timeoutCodes.contains(code) }

    /// The topic (or partition) does not exist.
    public var isUnknownTopic: Bool { KafkaError.unknownTopicCodes.contains(code) }

    /// The topic to be created exists already.
    public var isTopicAlreadyExists: Bool { code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS.rawValue }

    /// The record is larger than client or broker accept.
    public var isTooLarge: Bool { KafkaError.sizeCodes.contains(code) }

    /// The topic takes no record of such a time.
    package var isInvalidTimestamp: Bool { code == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP.rawValue }

    /// The broker does not know a setting of the topic, or not this value.
    package var isInvalidConfig: Bool { code == RD_KAFKA_RESP_ERR_INVALID_CONFIG.rawValue }

    /// The text beside a committed offset is longer than the broker takes.
    package var isMetadataTooLarge: Bool { code == RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE.rawValue }

    /// The topic takes others and not this record: its size, its time, its partition or its form.
    package var isOfRecord: Bool { isTooLarge || KafkaError.recordCodes.contains(code) }

    /// The record was discarded by ``Producer/purge()`` or ``Producer/close(_:)``.
    public var isPurged: Bool { KafkaError.purgeCodes.contains(code) }

    /// The settings are wrong, and no broker was asked.
    package var isAboutSettings: Bool { KafkaError.settingsCodes.contains(code) }

    /// The client was closed before the call.
    public var isClosed: Bool { code == RD_KAFKA_RESP_ERR__DESTROY.rawValue }

    /// What a call on a closed client throws.
    package static let closed = KafkaError(RD_KAFKA_RESP_ERR__DESTROY, detail: "the client is closed")

    private static let timeoutCodes: Set<Int32> = [
        RD_KAFKA_RESP_ERR__TIMED_OUT.rawValue, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT.rawValue,
        RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE.rawValue, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT.rawValue,
    ]

    private static let unknownTopicCodes: Set<Int32> = [
        RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC.rawValue, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION.rawValue,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART.rawValue,
    ]

    private static let sizeCodes: Set<Int32> = [
        RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE.rawValue, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE.rawValue,
        RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE.rawValue,
    ]

    private static let recordCodes: Set<Int32> = [
        RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION.rawValue, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP.rawValue,
        RD_KAFKA_RESP_ERR_INVALID_RECORD.rawValue, RD_KAFKA_RESP_ERR_INVALID_MSG.rawValue,
    ]

    private static let settingsCodes: Set<Int32> = [
        RD_KAFKA_RESP_ERR__INVALID_ARG.rawValue, RD_KAFKA_RESP_ERR__CONFLICT.rawValue,
        RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE.rawValue,
    ]

    private static let purgeCodes: Set<Int32> = [
        RD_KAFKA_RESP_ERR__PURGE_QUEUE.rawValue, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT.rawValue,
    ]

    private static let retriableCodes: Set<Int32> = timeoutCodes.union([
        RD_KAFKA_RESP_ERR__QUEUE_FULL.rawValue, RD_KAFKA_RESP_ERR__TRANSPORT.rawValue,
        RD_KAFKA_RESP_ERR__RESOLVE.rawValue, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue,
        RD_KAFKA_RESP_ERR__RETRY.rawValue, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE.rawValue,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION.rawValue, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION.rawValue,
        RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE.rawValue, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS.rawValue,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND.rawValue, RD_KAFKA_RESP_ERR_NOT_CONTROLLER.rawValue,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS.rawValue,
        RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE.rawValue, RD_KAFKA_RESP_ERR_NOT_COORDINATOR.rawValue,
    ])
}

extension KafkaError: CustomStringConvertible {
    /// `name: message`.
    public var description: String { "\(name): \(message)" }
}

extension KafkaError {
    /// Reads a `rd_kafka_error_t` and frees it in any case.
    init?(consuming error: OpaquePointer?) {
        defer { if let error { rd_kafka_error_destroy(error) } }
        self.init(borrowing: error)
    }

    /// The only place where a `rd_kafka_error_t` is read; its owner frees it.
    init?(borrowing error: OpaquePointer?) {
        guard let error else { return nil }
        let code = rd_kafka_error_code(error).rawValue
        self.init(
            code: code,
            detail: String(cString: rd_kafka_error_string(error)),
            isFatal: rd_kafka_error_is_fatal(error) != 0,
            isRetriable: rd_kafka_error_is_retriable(error) != 0 || KafkaError.retriableCodes.contains(code)
        )
    }

    /// The error behind `_FATAL`, if this client has had one.
    init?(fatalIn client: OpaquePointer) {
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(client, &text, text.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        self.init(code: code.rawValue, detail: text.textUpToNUL, isFatal: true, isRetriable: false)
    }
}
