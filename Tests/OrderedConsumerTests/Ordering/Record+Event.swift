import Kafka

@testable import OrderedConsumer

extension Kafka.Record {
    /// An event of the topic `t` as it is read. `time` is in milliseconds since the beginning of 2026.
    static func event(
        _ offset: Int64,
        key: String?,
        id: String? = nil,
        time: Int64? = nil,
        in partition: Int32 = 0,
        replay: ReplayMark? = nil,
        mark: RedriveMark? = nil
    ) -> Kafka.Record {
        var headers: [Header] = []
        if let id { headers.append(Header("ce_id", id)) }
        if let time { headers.append(Header("ce_time", text(of: time))) }
        var record = Kafka.Record(
            topic: "t",
            partition: partition,
            offset: offset,
            timestampMilliseconds: offset,
            key: key.map { Array($0.utf8) },
            headers: headers,
            value: Array("value \(offset)".utf8)
        )
        if let replay { record = replay.applied(to: record) }
        return mark.map { $0.applied(to: record) } ?? record
    }

    private static func text(of time: Int64) -> String {
        func digits(_ number: Int64, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let (minutes, seconds) = (time / 60_000 % 60, time / 1000 % 60)
        return "2026-01-01T00:\(digits(minutes, 2)):\(digits(seconds, 2)).\(digits(time % 1000, 3))Z"
    }
}

extension ReplayMark {
    /// A mark of that replay.
    static func by(_ id: String, count: Int = 1) -> ReplayMark {
        ReplayMark(id: id, count: count, topic: "t", place: RecordPlace(partition: 0, offset: 0))
    }
}

extension RedriveMark {
    /// A mark of group `g` for a record that first stood at `origin`.
    static func own(
        _ run: String,
        _ origin: Int64,
        count: Int = 1,
        drained: Int64? = nil,
        known: Int64? = nil
    ) -> RedriveMark {
        RedriveMark(
            group: "g",
            run: run,
            count: count,
            origin: RecordPlace(partition: 0, offset: origin),
            drained: drained.map { RecordPlace(partition: 0, offset: $0) },
            known: known.map { RecordPlace(partition: 0, offset: $0) }
        )
    }
}
