import Kafka
import OrderedConsumer
import TestSupport
import Testing

@testable import Replayer

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
