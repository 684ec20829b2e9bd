import NotionEvents
import NotionWebhooks

/// What the edge would publish for a delivery.
struct PublishedEvent {
    let key: [UInt8]
    let value: [UInt8]
    let headers: [(name: String, value: [UInt8])]

    init(_ body: [UInt8], isSigned: Bool = true, mode: ContentMode = .binary) throws(DeliveryError) {
        let delivery = try Delivery(decoding: body.span, isSigned: isSigned)
        var record = EventRecord(mode: mode)
        record.fill(
            from: delivery,
            key: .entity,
            receivedAtMilliseconds: 1_790_000_000_123,
            traceparent: TraceContext(random: InlineArray<24, UInt8> { UInt8($0 + 1) })
        )
        key = Self.copy(record.key)
        value = Self.copy(record.value)
        var headers: [(name: String, value: [UInt8])] = []
        for index in 0..<record.headerCount {
            let name = String(decoding: Self.copy(record.headerName(index)), as: UTF8.self)
            headers.append((name, Self.copy(record.headerValue(index))))
        }
        self.headers = headers
    }

    private static func copy(_ bytes: Span<UInt8>) -> [UInt8] { bytes.indices.map { bytes[$0] } }

    var text: String { String(decoding: value, as: UTF8.self) }

    func decoded() throws(EventError) -> Event { try Event(value: value.span) }
}
