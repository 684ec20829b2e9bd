import Kafka
import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct DeadLetterTests {
    static let original = Kafka.Record(
        topic: "events",
        partition: 3,
        offset: 120,
        timestampMilliseconds: 1_791_277_367_713,
        key: [0xFF, 0x00],
        headers: [
            .init(name: "ce_id", value: Array("e-1".utf8)),
            .init(name: "null", value: nil),
            .init(name: "ce_id", value: []),
        ],
        value: Array("{}".utf8)
    )

    static let letter = DeadLetter(
        of: original,
        group: "billing",
        reason: .attempts,
        message: "HTTP 500",
        attempts: 5,
        firstFailureMilliseconds: 1_791_277_368_000,
        lastFailureMilliseconds: 1_791_277_400_250
    )

    private static let ownLines = ["ce_id = e-1", "null = null", "ce_id = "]
    private static let letterLines = [
        "relay-dlq-topic = events",
        "relay-dlq-partition = 3",
        "relay-dlq-offset = 120",
        "relay-dlq-timestamp = 1791277367713",
        "relay-dlq-group = billing",
        "relay-dlq-reason = attempts",
        "relay-dlq-message = HTTP 500",
        "relay-dlq-attempts = 5",
        "relay-dlq-first-failure = 2026-10-06T09:02:48.000Z",
        "relay-dlq-last-failure = 2026-10-06T09:03:20.250Z",
        "relay-dlq-redrives = 0",
    ]
    private static let springLines = [
        "kafka_dlt-original-topic = events",
        "kafka_dlt-original-partition = 0x00000003",
        "kafka_dlt-original-offset = 0x0000000000000078",
        "kafka_dlt-original-timestamp = 0x000001a1107381a1",
        "kafka_dlt-original-timestamp-type = CreateTime",
        "kafka_dlt-original-consumer-group = billing",
        "kafka_dlt-exception-fqcn = attempts",
        "kafka_dlt-exception-message = HTTP 500",
    ]

    @Test
    func `a dead letter is the record, and why`() {
        let record = Self.letter.record(from: Self.original, to: "events.billing.dlq")
        #expect(record.topic == "events.billing.dlq" && record.partition == nil && record.offset == nil)
        #expect(record.key == Self.original.key && record.value == Self.original.value)
        #expect(record.timestampMilliseconds == Self.original.timestampMilliseconds)
        #expect(record.headerLines == Self.ownLines + Self.letterLines)
    }

    @Test
    func `Spring's headers follow on request`() {
        let record = Self.letter.record(from: Self.original, to: "d", withSpringHeaders: true)
        #expect(record.headerLines == Self.ownLines + Self.letterLines + Self.springLines)
    }

    @Test
    func `what is not known has no header`() {
        var original = Self.original
        original.timestampMilliseconds = nil
        var letter = Self.letter
        letter.timestampMilliseconds = nil
        letter.message = ""
        let lines = letter.record(from: original, to: "d", withSpringHeaders: true).headerLines
        let missing = ["relay-dlq-timestamp", "kafka_dlt-original-timestamp", "kafka_dlt-exception-message"]
        #expect(!lines.contains { line in missing.contains { line.hasPrefix($0) } })
        #expect(lines.contains("relay-dlq-message = "))
    }

    @Test(arguments: [false, true])
    func `a dead letter is read back, and the record out of it`(spring: Bool) throws {
        let record = Self.letter.record(from: Self.original, to: "d", withSpringHeaders: spring)
        let letter = try #require(DeadLetter(record: record))
        #expect(letter == Self.letter)
        #expect(letter.original(of: record) == Self.original)
    }

    @Test
    func `a dead letter without its value says so, and how long it was`() throws {
        var letter = Self.letter
        letter.omittedValueBytes = 2
        let record = letter.record(from: Self.original, to: "d")
        #expect(record.value == nil && record.key == Self.original.key)
        let lines = Self.ownLines + Self.letterLines + ["relay-dlq-omitted-value-bytes = 2"]
        #expect(record.headerLines == lines)
        #expect(DeadLetter(record: record) == letter)
        let garbled = record.replacing("relay-dlq-omitted-value-bytes", Array("many".utf8))
        #expect(DeadLetter(record: garbled)?.omittedValueBytes == Int(Int32.max))
    }

    @Test
    func `a record that failed again keeps its first place and counts its redrives`() throws {
        let mark = RedriveMark(group: "billing", run: "r", count: 2, origin: RecordPlace(partition: 3, offset: 120))
        var redriven = mark.applied(to: Self.letter.record(from: Self.original, to: "d", withSpringHeaders: true))
        redriven.topic = "events"
        redriven.partition = 3
        redriven.offset = 977
        let again = DeadLetter(
            of: redriven,
            group: "billing",
            reason: .handler,
            message: "",
            attempts: 1,
            firstFailureMilliseconds: 0,
            lastFailureMilliseconds: 0
        )
        #expect(again.origin == RecordPlace(partition: 3, offset: 120) && again.redrives == 2)
        #expect(again.record(from: redriven, to: "d").headerLines.prefix(4) == Self.ownLines + Self.letterLines[..<1])
        let foreign = DeadLetter(
            of: redriven,
            group: "search",
            reason: .handler,
            message: "",
            attempts: 1,
            firstFailureMilliseconds: 0,
            lastFailureMilliseconds: 0
        )
        #expect(foreign.origin == RecordPlace(partition: 3, offset: 977) && foreign.redrives == 0)
    }

    @Test
    func `a message is plain, and cut between characters`() {
        let letter = DeadLetter(
            of: Self.original,
            group: "g",
            reason: .handler,
            message: "a\u{1B}[31m\nb\u{7F}\u{85}" + String(repeating: "ü", count: 600),
            attempts: 1,
            firstFailureMilliseconds: 0,
            lastFailureMilliseconds: 0
        )
        #expect(letter.message.hasPrefix("a [31m b  ü"))
        #expect(letter.message.utf8.count == 1024 && letter.message.hasSuffix("ü"))
    }

    static let broken: [(name: String, value: [UInt8]?)] = [
        ("relay-dlq-topic", nil), ("relay-dlq-topic", Array("a/b".utf8)), ("relay-dlq-topic", [0xFF]),
        ("relay-dlq-partition", nil), ("relay-dlq-partition", Array("-1".utf8)),
        ("relay-dlq-partition", Array("+1".utf8)), ("relay-dlq-partition", Array("2147483648".utf8)),
        ("relay-dlq-offset", Array("".utf8)), ("relay-dlq-offset", Array("007".utf8)),
        ("relay-dlq-offset", Array("9223372036854775807".utf8)),
        ("relay-dlq-offset", Array("9223372036854775808".utf8)), ("relay-dlq-attempts", Array("2147483648".utf8)),
        ("relay-dlq-redrives", Array("9223372036854775807".utf8)), ("relay-dlq-offset", Array("1 ".utf8)),
        ("relay-dlq-group", nil), ("relay-dlq-group", Array("a b".utf8)),
        ("relay-dlq-reason", nil), ("relay-dlq-reason", Array("Bad".utf8)), ("relay-dlq-reason", []),
        ("relay-dlq-reason", [UInt8](repeating: UInt8(ascii: "a"), count: 65)),
        ("relay-dlq-attempts", nil), ("relay-dlq-attempts", Array("many".utf8)),
        ("relay-dlq-first-failure", nil), ("relay-dlq-last-failure", Array("yesterday".utf8)),
        ("relay-dlq-redrives", nil), ("relay-dlq-redrives", Array("0x1".utf8)),
    ]

    @Test(arguments: broken)
    func `a record with a broken header is no dead letter`(name: String, value: [UInt8]?) {
        let record = Self.letter.record(from: Self.original, to: "d").replacing(name, value)
        #expect(DeadLetter(record: record) == nil)
    }

    @Test(arguments: ["9223372036854775807", "2305843009213693953", "-1", "x"])
    func `a time that no record can have is none, and the dead letter's own counts`(time: String) throws {
        var record = Self.letter.record(from: Self.original, to: "d")
        record.timestampMilliseconds = 7
        record = record.replacing("relay-dlq-timestamp", Array(time.utf8))
        let letter = try #require(DeadLetter(record: record))
        #expect(letter.timestampMilliseconds == nil)
        #expect(letter.original(of: record).timestampMilliseconds == 7)
    }

    @Test
    func `no bytes in the headers bring the reader down`() {
        var generator = SeededGenerator()
        let record = Self.letter.record(from: Self.original, to: "d", withSpringHeaders: true)
        for _ in 0..<5000 {
            var copy = record
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<copy.headers.count, using: &generator)
                copy.headers[index].value = generator.bytes(like: "events0123456789-T:.Z@", countMax: 30)
            }
            guard let letter = DeadLetter(record: copy) else { continue }
            #expect(DeadLetter(record: letter.record(from: copy, to: "d")) == letter, "\(generator)")
        }
    }

    @Test(arguments: ["a", "no_permission", "404", String(repeating: "z", count: 64)])
    func `a short word is a reason`(word: String) {
        #expect(DeadLetterReason(word)?.word == word)
    }
}
