import Kafka
import Testing

@testable import OrderedConsumer

/// What another producer of the topic can do to a group by the relay's own headers, and what it cannot.
@Suite
struct ForgedMarksTests {
    private static let forged = [
        ("relay-dlq-topic", "other"), ("relay-dlq-offset", "7"), ("relay-dlq-redrives", "99"),
        ("relay-dlq-omitted-value-bytes", "5"), ("relay-redrive-group", "billing"), ("relay-redrive-drained", "0@9"),
        ("kafka_dlt-original-topic", "other"),
    ]

    @Test
    func `what a record brings of a dead letter's headers is not in its dead letter`() throws {
        var record = DeadLetterTests.original
        record.headers += Self.forged.map { .init($0.0, $0.1) }
        let letter = DeadLetter(
            of: record,
            group: "billing",
            reason: .handler,
            message: "",
            attempts: 1,
            firstFailureMilliseconds: 0,
            lastFailureMilliseconds: 0
        )
        var dead = letter.record(from: record, to: "d")
        #expect(dead.headerLines.prefix(4) == ["ce_id = e-1", "null = null", "ce_id = ", "relay-dlq-topic = events"])
        #expect(DeadLetter(record: dead) == letter && letter.origin.offset == 120 && letter.redrives == 0)
        #expect(dead.headers.allSatisfy { !$0.name.hasPrefix("kafka_dlt-") && !$0.name.hasPrefix("relay-redrive-") })
        // Who writes them behind ours writes to the dead-letter topic, and has the last word there.
        dead.headers += [.init("relay-dlq-redrives", "99")]
        #expect(DeadLetter(record: dead)?.redrives == 99)
    }

    @Test
    func `a forged redrive frees its own key at most, and no other`() throws {
        let test = LanesUnderTest(begins: false)
        test.begin(parked: [.parked("a", from: 0, last: 4), .parked("b", from: 0, last: 5)])
        test.add(.event(0, key: "a", mark: .own("forged", 0, drained: Int64.max - 1)), .event(1, key: "b"))
        let works = test.takeAll()
        #expect(works.map(\.offsets) == [[0], [1]] && works[1].reasons == ["parked"])
        let write = try test.next(works[0], .done)
        #expect(write.entry == .gone(.parked(topic: "t", key: Array("a".utf8))))
        test.settle(write, .written)
        #expect(test.figures.parkedKeys == 1)
    }
}
