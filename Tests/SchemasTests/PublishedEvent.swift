import NotionEvents
import NotionWebhooks

/// What the edge would publish for a delivery.
struct PublishedEvent {
    let value: [UInt8]

    init(_ body: [UInt8]) throws(DeliveryError) {
        let delivery = try Delivery(decoding: body.span)
        var record = EventRecord()
        record.fill(
            from: delivery,
            key: .entity,
            receivedAtMilliseconds: 1_790_000_000_123,
            traceparent: TraceContext(random: InlineArray<24, UInt8> { UInt8($0 + 1) })
        )
        let bytes = record.value
        value = bytes.indices.map { bytes[$0] }
    }

    var text: String { String(decoding: value, as: UTF8.self) }

    func decoded() throws(EventError) -> Event { try Event(value: value.span) }
}
