public import Kafka
import TextOutput
internal import Timestamps

/// What a record of the dead-letter topic says about the record that was given up.
public struct DeadLetter: Sendable, Equatable {
    /// The topic in which the record first stood.
    public var topic: String
    /// Where it first stood there. A redriven record keeps its first place.
    public var origin: RecordPlace
    /// The time of the original record, in milliseconds since 1970; nil if it had none.
    public var timestampMilliseconds: Int64?
    /// The group that gave it up.
    public var group: String
    /// Why, in a word.
    public var reason: DeadLetterReason
    /// Why, for people.
    public var message: String
    /// How often the handler was tried; 0 for a record that followed a parked key.
    public var attempts: Int
    /// When the handler first failed, in milliseconds since 1970.
    public var firstFailureMilliseconds: Int64
    /// When the handler last failed, in milliseconds since 1970.
    public var lastFailureMilliseconds: Int64
    /// How often it was redriven so far.
    public var redrives: Int
    /// How many bytes the record's value had, if the dead letter came to stand there without it: the dead-letter topic
    /// took no record of that size. The record itself is where ``origin`` says, for as long as its topic keeps it.
    public var omittedValueBytes: Int?

    /// Limit: a message is read by people; more of it is in the log.
    static let messageBytesMax = 1024

    /// A dead letter. Control characters of `message` become spaces, and what is beyond 1024 bytes is cut.
    public init(
        topic: String,
        origin: RecordPlace,
        timestampMilliseconds: Int64?,
        group: String,
        reason: DeadLetterReason,
        message: String,
        attempts: Int,
        firstFailureMilliseconds: Int64,
        lastFailureMilliseconds: Int64,
        redrives: Int = 0
    ) {
        self.topic = topic
        self.origin = origin
        self.timestampMilliseconds = timestampMilliseconds
        self.group = group
        self.reason = reason
        self.message = PlainText.cut(message, bytesMax: Self.messageBytesMax)
        self.attempts = attempts
        self.firstFailureMilliseconds = firstFailureMilliseconds
        self.lastFailureMilliseconds = lastFailureMilliseconds
        self.redrives = redrives
    }

    /// Why a record that was read is given up. One that `group` has redriven keeps its first place, and its count.
    public init(
        of record: Kafka.Record,
        group: String,
        reason: DeadLetterReason,
        message: String,
        attempts: Int,
        firstFailureMilliseconds: Int64,
        lastFailureMilliseconds: Int64
    ) {
        guard let partition = record.partition, let offset = record.offset else {
            preconditionFailure("Only a record that was read from a topic can be given up.")
        }
        let mark = RedriveMark(record: record).flatMap { $0.group == group ? $0 : nil }
        self.init(
            topic: record.topic,
            origin: mark?.origin ?? RecordPlace(partition: partition, offset: offset),
            timestampMilliseconds: record.timestampMilliseconds,
            group: group,
            reason: reason,
            message: message,
            attempts: attempts,
            firstFailureMilliseconds: firstFailureMilliseconds,
            lastFailureMilliseconds: lastFailureMilliseconds,
            redrives: mark?.count ?? 0
        )
    }

    /// What a record of a dead-letter topic says; nil if it says it in another way than ours.
    public init?(record: Kafka.Record) {
        func number<Value: FixedWidthInteger>(_ name: String, max: Value = .max) -> Value? {
            record.mark(name).flatMap { Decimal<Value>($0) }.flatMap { $0.value <= max ? $0.value : nil }
        }
        func time(_ name: String) -> Int64? { record.mark(name).flatMap { Timestamp.milliseconds($0) } }
        guard let topic = record.mark(Name.topic), GroupTopics.isName(topic),
            let partition: Int32 = number(Name.partition),
            let offset: Int64 = number(Name.offset, max: RecordPlace.offsetMax),
            let group = record.mark(Name.group), GroupTopics.isName(group),
            let reason = record.mark(Name.reason).flatMap({ DeadLetterReason($0) }),
            let attempts: Int32 = number(Name.attempts), let redrives: Int32 = number(Name.redrives),
            let firstFailure = time(Name.firstFailure), let lastFailure = time(Name.lastFailure)
        else { return nil }
        self.init(
            topic: topic,
            origin: RecordPlace(partition: partition, offset: offset),
            timestampMilliseconds: number(Name.timestamp, max: Kafka.Record.timeMax),
            group: group,
            reason: reason,
            message: record.mark(Name.message) ?? "",
            attempts: Int(attempts),
            firstFailureMilliseconds: firstFailure,
            lastFailureMilliseconds: lastFailure,
            redrives: Int(redrives)
        )
        // Whatever stands there: the value of such a letter is not the record's.
        if record.header(Name.omitted) != nil { omittedValueBytes = Int(number(Name.omitted) ?? Int32.max) }
    }

    /// The record for the dead-letter topic: key, value, time and own headers as they were, and this behind them.
    ///
    /// `withSpringHeaders` adds those that Spring for Apache Kafka would write, for tools that know them.
    public func record(from original: Kafka.Record, to topic: String, withSpringHeaders: Bool = false) -> Kafka.Record {
        Kafka.Record(
            topic: topic,
            timestampMilliseconds: original.timestampMilliseconds,
            key: original.key,
            headers: original.ownHeaders + headers + (withSpringHeaders ? springHeaders : []),
            value: omittedValueBytes == nil ? original.value : nil
        )
    }

    /// The record that was given up, out of its dead letter: at its first place, without what was put beside it.
    public func original(of record: Kafka.Record) -> Kafka.Record {
        Kafka.Record(
            topic: topic,
            partition: origin.partition,
            offset: origin.offset,
            timestampMilliseconds: timestampMilliseconds ?? record.timestampMilliseconds,
            key: record.key,
            headers: record.ownHeaders,
            value: record.value
        )
    }

    private var headers: [Kafka.Record.Header] {
        var headers: [Kafka.Record.Header] = [
            .init(Name.topic, topic),
            .init(Name.partition, "\(origin.partition)"),
            .init(Name.offset, "\(origin.offset)"),
        ]
        if let timestampMilliseconds { headers.append(.init(Name.timestamp, "\(timestampMilliseconds)")) }
        headers += [
            .init(Name.group, group),
            .init(Name.reason, reason.word),
            .init(Name.message, message),
            .init(Name.attempts, "\(attempts)"),
            .init(Name.firstFailure, Timestamp.text(milliseconds: firstFailureMilliseconds)),
            .init(Name.lastFailure, Timestamp.text(milliseconds: lastFailureMilliseconds)),
            .init(Name.redrives, "\(redrives)"),
        ]
        if let omittedValueBytes { headers.append(.init(Name.omitted, "\(omittedValueBytes)")) }
        return headers
    }

    /// Spring's numbers are binary; a record without a timestamp has none of the headers about it.
    private var springHeaders: [Kafka.Record.Header] {
        var headers: [Kafka.Record.Header] = [
            .init("kafka_dlt-original-topic", topic),
            .init("kafka_dlt-original-partition", bigEndian: origin.partition),
            .init("kafka_dlt-original-offset", bigEndian: origin.offset),
        ]
        if let timestampMilliseconds {
            headers.append(.init("kafka_dlt-original-timestamp", bigEndian: timestampMilliseconds))
            headers.append(.init("kafka_dlt-original-timestamp-type", "CreateTime"))
        }
        headers.append(.init("kafka_dlt-original-consumer-group", group))
        headers.append(.init("kafka_dlt-exception-fqcn", reason.word))
        if !message.isEmpty { headers.append(.init("kafka_dlt-exception-message", message)) }
        return headers
    }

    private enum Name {
        static let topic = "relay-dlq-topic"
        static let partition = "relay-dlq-partition"
        static let offset = "relay-dlq-offset"
        static let timestamp = "relay-dlq-timestamp"
        static let group = "relay-dlq-group"
        static let reason = "relay-dlq-reason"
        static let message = "relay-dlq-message"
        static let attempts = "relay-dlq-attempts"
        static let firstFailure = "relay-dlq-first-failure"
        static let lastFailure = "relay-dlq-last-failure"
        static let redrives = "relay-dlq-redrives"
        static let omitted = "relay-dlq-omitted-value-bytes"
    }
}

/// Why a record was given up, in a word.
public struct DeadLetterReason: Sendable, Hashable, CustomStringConvertible {
    /// One to 64 of `a-z`, `0-9` and `_`.
    public let word: String

    /// The handler said so, and gave no word of its own.
    public static let handler = DeadLetterReason(known: "handler")
    /// The handler failed as often as it may.
    public static let attempts = DeadLetterReason(known: "attempts")
    /// An earlier record of its key was given up, and order had to be kept.
    public static let parked = DeadLetterReason(known: "parked")

    /// A word; nil for what is none.
    public init?(_ word: String) {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789_".utf8
        guard (1...64).contains(word.utf8.count), word.utf8.allSatisfy(letters.contains) else { return nil }
        self.word = word
    }

    private init(known word: String) { self.word = word }

    /// The word.
    public var description: String { word }
}

/// A record's place in a topic that the context names.
public struct RecordPlace: Sendable, Hashable, CustomStringConvertible {
    /// The partition.
    public var partition: Int32
    /// The offset in the partition.
    public var offset: Int64

    /// A place.
    public init(partition: Int32, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    /// The largest number has no successor, so it is no offset.
    static let offsetMax = Int64.max - 1

    /// Reads `<partition>@<offset>`; nil for anything else.
    init?(text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let partition = Decimal<Int32>(parts[0]), let offset = Decimal<Int64>(parts[1]),
            offset.value <= Self.offsetMax
        else { return nil }
        self.init(partition: partition.value, offset: offset.value)
    }

    /// `<partition>@<offset>`.
    public var description: String { "\(partition)@\(offset)" }
}

/// A whole number as it is written: digits without sign or leading zeros.
struct Decimal<Value: FixedWidthInteger> {
    let value: Value

    init?(_ text: some StringProtocol) {
        guard let value = Value(text), value >= 0, text.first != "+", text.first != "-" else { return nil }
        guard text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0") else { return nil }
        self.value = value
    }
}
