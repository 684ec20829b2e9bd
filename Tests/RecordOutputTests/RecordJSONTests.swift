import Kafka
import RecordOutput
import Testing

@Suite
struct RecordJSONTests {
    private func write(_ record: Record, isForTerminal: Bool = false) throws -> String {
        var buffer: [UInt8] = []
        try RecordFormat("json", isForTerminal: isForTerminal).write(record, to: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    @Test
    func `an object a line says all there is`() throws {
        let record = Record(
            topic: "notion.events.v1",
            partition: 3,
            offset: 41,
            timestampMilliseconds: 1000,
            key: Array("a/b".utf8),
            headers: [
                .init(name: "ce_id", value: Array("e1".utf8)), .init(name: "twice", value: [0xFF]),
                .init(name: "twice", value: nil),
            ],
            value: Array("{\"id\":\"é\n\"}".utf8)
        )
        #expect(
            try write(record)
                == #"{"headers":{"ce_id":"e1","twice":[{"base64":"/w=="},null]},"key":"a/b","offset":41,"partition":3,"#
                + #""timestamp":1000,"topic":"notion.events.v1","value":"{\"id\":\"é\n\"}"}"# + "\n"
        )
        #expect(
            try write(Record(topic: "t", key: nil, value: nil))
                == #"{"headers":{},"key":null,"topic":"t","value":null}"# + "\n"
        )
    }

    @Test
    func `for a terminal, what it would obey is escaped`() throws {
        let record = Record(topic: "t", key: nil, value: Array("\u{9B}31m\u{7F}\u{202E}\u{E0041}é".utf8))
        let text = try write(record, isForTerminal: true)
        #expect(text == #"{"headers":{},"key":null,"topic":"t","value":"\u009b31m\u007f\u202e\udb40\udc41é"}"# + "\n")
    }
}
