import Kafka
import OrderedConsumer
import RecordOutput
import Testing

@testable import Replayer

struct ReplayJudgeTests {
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

    private func judge(_ record: Record, type: String? = nil, replaysMax: Int = 3) throws -> String {
        var judge = ReplayJudge(
            id: "r",
            window: ReplayWindow(stretches: [], from: 10, to: 100),
            filter: try RecordFilter(type: type),
            replaysMax: replaysMax,
            renormalizer: nil
        )
        switch judge.judge(record) {
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
            try judge(record([("ce_type", "com.notion.page.created")]), type: "page.*")
                == "ce_type=com.notion.page.created relay-replay-id=r relay-replay-count=1 relay-replayed-from=t/2@7"
        )
    }

    @Test
    func `an older mark gives way to a newer one that counts on`() throws {
        let marks = [("relay-replay-id", "old"), ("relay-replay-count", "2"), ("relay-replayed-from", "s/0@1")]
        #expect(
            try judge(record(marks + [("a", "b")]))
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
        #expect(try judge(record(headers, time: time), type: "page.*") == expected, "\(why)")
    }
}
