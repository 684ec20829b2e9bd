import Kafka

extension Kafka.Record {
    /// What we, and Spring, put beside a record's own headers.
    private static let markPrefixes = ["relay-dlq-", "relay-redrive-", "kafka_dlt-"]

    /// The headers that the record had before it was dead-lettered or redriven, in their order.
    var ownHeaders: [Header] {
        headers.filter { header in !Self.markPrefixes.contains { header.name.hasPrefix($0) } }
    }

    /// The text of a header of ours; nil if there is none, or it is none. Ours stand behind the record's own, so the
    /// last one counts.
    func mark(_ name: String) -> String? {
        guard let value = header(name) else { return nil }
        return String(validating: value, as: UTF8.self)
    }
}

extension Kafka.Record.Header {
    init(_ name: String, _ text: String) {
        self.init(name: name, value: Array(text.utf8))
    }

    /// A number as Spring writes it: big-endian, with all its bytes.
    init(_ name: String, bigEndian number: some FixedWidthInteger) {
        let bytes = stride(from: number.bitWidth - 8, through: 0, by: -8).map { shift in
            UInt8(truncatingIfNeeded: number >> shift)
        }
        self.init(name: name, value: bytes)
    }
}
