import TestSupport
import Testing

@testable import Kafka

@Suite struct HeaderListTests {
    @Test func `headers come back as they were put in, whatever their bytes`() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let headers = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                Record.Header(
                    // librdkafka tells no more of a name than what stands before its first zero.
                    name: String(
                        decoding: random.bytes(like: "ce_idtme", countMax: 12).filter { $0 != 0 },
                        as: UTF8.self
                    ),
                    value: Bool.random(using: &random) ? random.bytes(like: "0123", countMax: 300) : nil
                )
            }
            var list = RecordHeaders(capacity: 2)
            for header in headers {
                let name = Array(header.name.utf8)
                if let value = header.value { list.append(name.span, value.span) } else { list.append(name.span, nil) }
            }
            let read = Record(
                topic: "t",
                partition: 0,
                offset: 0,
                timestampMilliseconds: nil,
                key: nil,
                headers: HeaderList(list),
                value: nil
            )
            let made = Record(topic: "t", partition: 0, offset: 0, headers: headers, value: nil)
            #expect(read == made && made == read, "\(random)")
            for name in Set(headers.map(\.name)) {
                let last = headers.last { $0.name == name }?.value
                #expect(read.header(name) == last && made.header(name) == last, "\(random)")
            }
            var changed = read
            changed.headers.append(Record.Header(name: "more", value: nil))
            #expect(changed.headers == headers + [Record.Header(name: "more", value: nil)] && changed != read)
        }
    }
    @Test func `a header that is put behind others is on one record only, also when another holds the same list`() {
        var list = RecordHeaders(capacity: 0)
        list.append("a", "1")
        let read = Record(
            topic: "t",
            partition: 0,
            offset: 0,
            timestampMilliseconds: nil,
            key: nil,
            headers: HeaderList(list),
            value: nil
        )
        let empty: [UInt8] = []
        var (first, second) = (read, read)
        first.append(header: Array("b".utf8).span, nil)
        second.append(header: Array("c".utf8).span, empty.span)
        let a = Record.Header(name: "a", value: Array("1".utf8))
        #expect(read.headers == [a])
        #expect(first.headers == [a, Record.Header(name: "b", value: nil)])
        #expect(second.headers == [a, Record.Header(name: "c", value: [])])
    }
}
