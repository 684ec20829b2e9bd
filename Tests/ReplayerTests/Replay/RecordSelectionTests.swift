import Kafka
import OrderedConsumer
import RecordOutput
import TestSupport
import Testing

@testable import Replayer

struct RecordSelectionTests {
    private func record(_ headers: [(String, String)] = [], time: Int64 = 50) -> Record {
        Record(
            topic: "t",
            partition: 2,
            offset: 7,
            timestampMilliseconds: time,
            key: [1],
            headers: headers.map { Record.Header(name: $0.0, value: Array($0.1.utf8)) },
            value: [2]
        )
    }

    private func decision(_ record: Record, type: String? = nil, replaysMax: Int = 3) throws -> String {
        var selection = RecordSelection(
            id: "r",
            window: ReplayWindow(stretches: [], from: 10, to: 100),
            filter: try RecordFilter(type: type),
            replaysMax: replaysMax,
            renormalizer: nil
        )
        switch selection.decide(record) {
        case .matched(let event):
            return event.headers.map { "\($0.name)=\(String(decoding: $0.value ?? [], as: UTF8.self))" }
                .joined(separator: " ")
        case .outside: return "outside"
        case .filtered: return "filtered"
        case .looped: return "looped"
        case .redriven: return "redriven"
        case .unreadable(let word): return "unreadable \(word)"
        }
    }

    @Test
    func `a record that is wanted gets a mark behind its headers, and keeps all else`() throws {
        #expect(
            try decision(record([("ce_type", "com.notion.page.created")]), type: "page.*")
                == "ce_type=com.notion.page.created relay-replay-id=r relay-replay-count=1 relay-replayed-from=t/2@7"
        )
    }

    @Test
    func `an older mark gives way to a newer one that counts on`() throws {
        let marks = [("relay-replay-id", "old"), ("relay-replay-count", "2"), ("relay-replayed-from", "s/0@1")]
        #expect(
            try decision(record(marks + [("a", "b")]))
                == "a=b relay-replay-id=r relay-replay-count=3 relay-replayed-from=t/2@7"
        )
    }

    @Test(arguments: [
        ("its time lies outside", [], 5 as Int64, "outside"), ("its time is the end", [], 100, "outside"),
        ("its type is not asked for", [("ce_type", "comment.created")], 50, "filtered"),
        (
            "it went round three times",
            [("relay-replay-id", "x"), ("relay-replay-count", "3"), ("relay-replayed-from", "t/0@1")], 50, "looped"
        ),
        (
            "it is of this very replay",
            [("relay-replay-id", "r"), ("relay-replay-count", "1"), ("relay-replayed-from", "t/0@1")], 50, "looped"
        ),
        ("its count cannot be read", [("relay-replay-count", "many")], 50, "looped"),
        ("it is a redriven copy", [("relay-redrive-group", "g")], 50, "redriven"),
    ])
    func `other records are left out, and counted by why`(
        _ why: String,
        _ headers: [(String, String)],
        _ time: Int64,
        _ expected: String
    ) throws {
        #expect(try decision(record(headers, time: time), type: "page.*") == expected, "\(why)")
    }
}

struct MarkWriterTests {
    @Test
    func `a mark is written as it is read, whatever was written before it`() {
        var random = SeededGenerator()
        var writer = MarkWriter(id: "replay-1")
        for _ in 0..<500 {
            let mark = ReplayMark(
                id: "replay-1",
                count: Int.random(in: 1...3, using: &random),
                topic: Bool.random(using: &random) ? "notion.events.v1" : "t",
                place: RecordPlace(
                    partition: Int32.random(in: 0...Int32.max, using: &random)
                        >> Int32.random(in: 0...31, using: &random),
                    offset: Int64.random(in: 0...Int64.max, using: &random) >> Int64.random(in: 0...63, using: &random)
                )
            )
            let record = Record(topic: "t", headers: [Record.Header(name: "a", value: nil)], value: [1])
            var appended = record
            writer.append(to: &appended, count: mark.count, topic: mark.topic, mark.place)
            #expect(appended == mark.applied(to: record) && ReplayMark(record: appended) == mark, "\(random)")
            var replaced = appended
            writer.replace(on: &replaced, count: mark.count, topic: mark.topic, mark.place)
            #expect(replaced == appended, "\(random)")
        }
    }
}
