import Kafka
import OrderedConsumer
import Testing

struct ReplayMarkTests {
    private let mark = ReplayMark(
        id: "friday",
        count: 2,
        topic: "notion.events.v1",
        place: RecordPlace(partition: 3, offset: 41)
    )

    @Test
    func `a mark comes back as it was written, behind the record's own headers`() {
        let own = Record.Header(name: "ce_id", value: Array("a".utf8))
        let marked = mark.applied(to: Record(topic: "t", key: [1], headers: [own], value: [2]))
        #expect(ReplayMark(record: marked) == mark)
        let names = marked.headers.map(\.name)
        #expect(names == ["ce_id", "relay-replay-id", "relay-replay-count", "relay-replayed-from"])
        #expect(marked.header("relay-replayed-from") == Array("notion.events.v1/3@41".utf8))
    }

    @Test
    func `a newer mark takes the place of an older one`() {
        var newer = mark
        newer.count = 3
        let marked = newer.applied(to: mark.applied(to: Record(topic: "t", value: nil)))
        #expect(ReplayMark(record: marked) == newer)
        #expect(marked.headers.count == 3)
    }

    @Test(arguments: [
        ("relay-replay-id", ""), ("relay-replay-id", "a\nb"), ("relay-replay-id", String(repeating: "x", count: 129)),
        ("relay-replay-count", "0"), ("relay-replay-count", "-1"), ("relay-replay-count", "two"),
        ("relay-replayed-from", "topic"), ("relay-replayed-from", "topic/1"), ("relay-replayed-from", "topic/1@x"),
    ])
    func `a mark that cannot be read is none`(_ name: String, _ value: String) {
        var record = mark.applied(to: Record(topic: "t", value: nil))
        record.headers.append(Record.Header(name: name, value: Array(value.utf8)))
        #expect(ReplayMark(record: record) == nil)
    }
}
