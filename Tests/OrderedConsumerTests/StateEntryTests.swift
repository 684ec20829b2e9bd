import Kafka
import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct StateEntryTests {
    private static let fresh = ParkedKey(
        topic: "events",
        key: Array("a/b".utf8),
        partition: 3,
        offset: 120,
        reason: .attempts,
        parkedAtMilliseconds: 1_791_277_367_713
    )
    private static let full = ParkedKey(
        topic: "events",
        key: [0xFF, 0x00],
        partition: 3,
        offset: 120,
        id: "e-\"1\"",
        reason: .handler,
        parkedAtMilliseconds: 1_791_277_367_713,
        deadLetterPartition: 4,
        lastDeadLetter: 17,
        blockedRun: "r1",
        blockedAt: 16,
        redrivenRun: "r0"
    )

    static let goldens: [(entry: StateEntry, key: String, value: String?)] = [
        (
            .parked(fresh), "parked/events/a/b",
            #"{"blocked_at":null,"blocked_run":null,"dlq_partition":null,"id":null,"last":null,"offset":120,"#
                + #""parked_at":"2026-10-06T09:02:47.713Z","partition":3,"reason":"attempts","redriven_run":null,"#
                + #""topic":"events","v":1}"#
        ),
        (
            .parked(full), "parked/events/\u{FFFD}\0",
            #"{"blocked_at":16,"blocked_run":"r1","dlq_partition":4,"id":"e-\"1\"","last":17,"offset":120,"#
                + #""parked_at":"2026-10-06T09:02:47.713Z","partition":3,"reason":"handler","redriven_run":"r0","#
                + #""topic":"events","v":1}"#
        ),
        (
            .redriven(partition: 4, CompletedOffsets(next: 120, ranges: [130...130, 123...125])), "redriven/4",
            #"{"done":[[123,125],[130,130]],"next":120,"v":1}"#
        ),
        (.redriven(partition: 0, CompletedOffsets()), "redriven/0", #"{"done":[],"next":0,"v":1}"#),
        (
            .redriven(partition: 0, CompletedOffsets(next: 2), lastFailure: 1_791_277_367_713), "redriven/0",
            #"{"done":[],"last_failure":"2026-10-06T09:02:47.713Z","next":2,"v":1}"#
        ),
        (
            .paused(Pause(sinceMilliseconds: 1_791_277_367_713, by: "ops")), "paused",
            #"{"by":"ops","paused_at":"2026-10-06T09:02:47.713Z","v":1}"#
        ),
        (
            .paused(Pause(sinceMilliseconds: 0)), "paused",
            #"{"by":null,"paused_at":"1970-01-01T00:00:00.000Z","v":1}"#
        ),
        (.gone(.parked(topic: "events", key: [])), "parked/events/", nil),
        (.gone(.redriven(partition: 12)), "redriven/12", nil),
        (.gone(.paused), "paused", nil),
    ]

    @Test(arguments: goldens)
    func `an entry is this record, and comes back from it`(entry: StateEntry, key: String, value: String?) {
        let record = entry.record(to: "events.billing.state")
        #expect(record.topic == "events.billing.state")
        #expect(record.key.map { String(decoding: $0, as: UTF8.self) } == key)
        #expect(record.value.map { String(decoding: $0, as: UTF8.self) } == value)
        #expect(StateEntry(record: record) == entry)
    }

    @Test
    func `the key of a parked key ends with its bytes`() {
        #expect(
            StateKey.parked(topic: "t", key: [0xFF, 0x2F, 0x00]).bytes == Array("parked/t/".utf8) + [0xFF, 0x2F, 0]
        )
    }

    @Test
    func `what a later writer adds does not matter`() {
        let value = #"{"v":1,"paused_at":"2026-10-06T09:02:47.713Z","by":null,"until":{"a":[1]}}"#
        let record = Kafka.Record(topic: "s", key: Array("paused".utf8), value: Array(value.utf8))
        #expect(StateEntry(record: record) == .paused(Pause(sinceMilliseconds: 1_791_277_367_713)))
    }

    static let unknownKeys = [
        "", "p", "Paused", "paused/", "parked", "parked/", "parked/events", "parked/a b/k", "parked//k", "redriven/",
        "redriven/-1", "redriven/01", "redriven/2147483648", "redriven/x", "members",
    ]

    @Test(arguments: unknownKeys)
    func `an unknown key is left alone`(key: String) {
        for value in [nil, Array("{\"v\":1}".utf8)] {
            #expect(StateEntry(record: Kafka.Record(topic: "s", key: Array(key.utf8), value: value)) == nil)
        }
        #expect(StateEntry(record: Kafka.Record(topic: "s", key: nil, value: nil)) == nil)
    }

    static let brokenValues: [(key: String, value: String)] = [
        ("paused", ""), ("paused", "null"), ("paused", "[]"), ("paused", "{"), ("paused", "{}"),
        ("paused", #"{"v":2,"paused_at":"2026-10-06T09:02:47.713Z","by":null}"#),
        ("paused", #"{"v":1,"paused_at":"soon","by":null}"#),
        ("paused", #"{"v":1,"paused_at":"2026-10-06T09:02:47.713Z","by":7}"#),
        ("redriven/1", #"{"v":1,"next":-1,"done":[]}"#),
        ("redriven/1", #"{"v":1,"next":9223372036854775808,"done":[]}"#),
        ("redriven/1", #"{"v":1,"next":1.5,"done":[]}"#),
        ("redriven/1", #"{"v":1,"next":1,"done":[[3]]}"#),
        ("redriven/1", #"{"v":1,"next":1,"done":[[4,3]]}"#),
        ("redriven/1", #"{"v":1,"next":1,"done":[[-4,3]]}"#),
        ("redriven/1", #"{"v":1,"next":1,"done":[[3,9223372036854775807]]}"#),
        ("redriven/1", #"{"v":1,"next":1}"#),
        ("parked/events/k", #"{"v":1}"#),
        ("parked/events/k", parked(topic: "other")), ("parked/events/k", parked(partition: "-1")),
        ("parked/events/k", parked(offset: "-1")), ("parked/events/k", parked(reason: "\"Not a word\"")),
        ("parked/events/k", parked(last: "-5")),
        ("parked/events/k", parked(offset: "9223372036854775807")),
        ("parked/events/k", parked(last: "9223372036854775807")), ("parked/events/k", parked(last: "\"5\"")),
        ("parked/events/k", String(repeating: "[", count: 100_000)),
    ]

    private static func parked(
        topic: String = "events",
        partition: String = "3",
        offset: String = "120",
        reason: String = "\"handler\"",
        last: String = "null"
    ) -> String {
        """
        {"v":1,"topic":"\(topic)","partition":\(partition),"offset":\(offset),"id":null,"reason":\(reason),\
        "parked_at":"2026-10-06T09:02:47.713Z","dlq_partition":null,"last":\(last),"blocked_run":null,\
        "redriven_run":null}
        """
    }

    @Test
    func `the table's parked key would be one with nothing broken`() {
        let value = Array(Self.parked().utf8)
        #expect(StateEntry(record: Kafka.Record(topic: "s", key: Array("parked/events/k".utf8), value: value)) != nil)
    }

    @Test(arguments: brokenValues)
    func `a broken value is left alone`(key: String, value: String) {
        let record = Kafka.Record(topic: "s", key: Array(key.utf8), value: Array(value.utf8))
        #expect(StateEntry(record: record) == nil)
    }

    @Test
    func `no value brings the reader down`() {
        var generator = SeededGenerator()
        let valid = Self.goldens.map { $0.entry.record(to: "s") }
        for _ in 0..<3000 {
            var record = valid[Int.random(in: 0..<valid.count, using: &generator)]
            guard var value = record.value else { continue }
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                value[Int.random(in: 0..<value.count, using: &generator)] =
                    generator.bytes(like: "0123456789-[]{},:\"n", countMax: 8).first ?? 0
            }
            record.value = value
            guard let entry = StateEntry(record: record) else { continue }
            #expect(StateEntry(record: entry.record(to: "s")) == entry, "\(generator)")
        }
    }

    @Test
    func `any number of redriven ranges fits into a record, and comes back`() throws {
        let every2nd = CompletedOffsets(ranges: (0..<200_000).map { Int64($0) * 2 + 1 }.map { $0...$0 })
        let entry = StateEntry.redriven(partition: 0, every2nd)
        let record = entry.record(to: "t.g.state")
        #expect(record.value.map { $0.count < 1_000_000 } == true)
        #expect(StateEntry(record: record) == entry)
    }
}
