import TestSupport
import Testing

@testable import Kafka

@Suite struct HeaderBlockTests {
    @Test func `headers come back as they were put in, whatever their bytes`() {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let headers = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                Record.Header(
                    name: String(decoding: random.bytes(like: "ce_idtme", countMax: 12), as: UTF8.self),
                    value: Bool.random(using: &random) ? random.bytes(like: "0123", countMax: 300) : nil
                )
            }
            var block = HeaderBlock()
            for header in headers {
                Array(header.name.utf8).withUnsafeBytes { name in
                    if let value = header.value {
                        value.withUnsafeBytes { block.append(name: name, value: $0) }
                    } else {
                        block.append(name: name, value: nil)
                    }
                }
            }
            #expect(block.headers == headers, "\(random)")
            let read = Record(
                topic: "t",
                partition: 0,
                offset: 0,
                timestampMilliseconds: nil,
                key: nil,
                block: block,
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
}
