import Kafka
import Testing

@testable import OrderedConsumer

@Suite
struct RedriveMarkTests {
    static let mark = RedriveMark(
        group: "billing",
        run: "2026-10-06T09:02:47Z-a1",
        count: 1,
        origin: RecordPlace(partition: 3, offset: 120),
        drained: RecordPlace(partition: 4, offset: 17)
    )

    @Test
    func `a mark stands behind the record's own headers, alone`() {
        let letter = DeadLetterTests.letter.record(from: DeadLetterTests.original, to: "d", withSpringHeaders: true)
        let redriven = Self.mark.applied(to: Self.mark.applied(to: letter))
        #expect(
            redriven.headerLines == [
                "ce_id = e-1",
                "null = null",
                "ce_id = ",
                "relay-redrive-group = billing",
                "relay-redrive-run = 2026-10-06T09:02:47Z-a1",
                "relay-redrive-count = 1",
                "relay-redrive-origin = 3@120",
                "relay-redrive-drained = 4@17",
            ]
        )
        #expect(redriven.key == letter.key && redriven.value == letter.value)
        #expect(RedriveMark(record: redriven) == Self.mark)
    }

    @Test
    func `only the last record of a round says what is drained`() {
        var mark = Self.mark
        mark.drained = nil
        let record = mark.applied(to: DeadLetterTests.original)
        #expect(!record.headerLines.contains { $0.contains("drained") })
        #expect(RedriveMark(record: record) == mark)
    }

    static let broken: [(name: String, value: [UInt8]?)] = [
        ("group", nil), ("group", Array("a b".utf8)), ("run", nil), ("run", []), ("run", [0x0A]),
        ("run", [UInt8](repeating: 0x61, count: 129)), ("count", nil), ("count", Array("0".utf8)),
        ("count", Array("-1".utf8)), ("origin", nil), ("origin", Array("3".utf8)), ("origin", Array("3@".utf8)),
        ("origin", Array("@3".utf8)), ("origin", Array("3@4@5".utf8)), ("origin", Array("3@-4".utf8)),
        ("count", Array("2147483648".utf8)), ("count", Array("9223372036854775807".utf8)),
        ("origin", Array("3@9223372036854775807".utf8)), ("origin", Array("03@4".utf8)), ("origin", [0xC3]),
    ]

    @Test(arguments: broken)
    func `a record with a broken mark has none`(name: String, value: [UInt8]?) {
        let record = Self.mark.applied(to: DeadLetterTests.original).replacing("relay-redrive-\(name)", value)
        #expect(RedriveMark(record: record) == nil)
        #expect(RedriveMark(record: DeadLetterTests.original) == nil)
    }

    @Test
    func `a place that is none drains nothing`() {
        let record = Self.mark.applied(to: DeadLetterTests.original)
            .replacing("relay-redrive-drained", Array("everything".utf8))
        #expect(RedriveMark(record: record)?.drained == nil)
        #expect(RedriveMark(record: record)?.run == Self.mark.run)
    }
}
