public import NotionWebhooks

/// A Kafka record's key, value and headers for one delivery, in buffers that are used again for the next.
///
/// The same delivery, key strategy, time and trace always give the same bytes. After the first few deliveries, filling
/// allocates nothing unless an id or a name holds escapes. A record belongs to one thread at a time.
public struct EventRecord: ~Copyable {
    /// The URI that names event v1's shape: the header `ce_dataschema`.
    public static let dataSchema = "urn:notion-relay:schema:notion-event:v1"

    /// Where the attributes are.
    public let mode: ContentMode

    var json = ByteBuffer(capacity: 8_192)
    var headerText = ByteBuffer(capacity: 2_048)
    var headers: [HeaderSlot] = []
    /// For what has to be unescaped before it can be written.
    var scratch: [UInt8] = []
    let words: EventWords
    let names = HeaderNames()
    var keySlot = HeaderSlot(name: .partitionKey, start: 0, end: 0)
    var idSlot = HeaderSlot(name: .id, start: 0, end: 0)

    /// The place of the event's type in `DeliveryType.known`, 31 for a type that is not there.
    public private(set) var typeIndex = 31

    /// An empty record, to be filled.
    ///
    /// - Parameter mode: where the attributes go.
    public init(mode: ContentMode = .binary) {
        self.mode = mode
        words = EventWords(mode)
        headers.reserveCapacity(HeaderName.allCases.count)
    }

    /// Makes this the record of a delivery; what it held before is gone.
    ///
    /// - Parameters:
    ///   - delivery: what was verified and understood.
    ///   - key: what the record is keyed by.
    ///   - receivedAtMilliseconds: when the request came, since 1970; the header `ce_recordedtime`.
    ///   - traceparent: the header `traceparent`.
    public mutating func fill(
        from delivery: borrowing Delivery,
        key: KeyStrategy,
        receivedAtMilliseconds: Int64,
        traceparent: TraceContext
    ) {
        typeIndex = delivery.typeIndex
        headerText.reset()
        headers.removeAll(keepingCapacity: true)
        writeHeaders(delivery.fields, delivery.bytes, key: key)
        writeHeaders(receivedAtMilliseconds: receivedAtMilliseconds, traceparent: traceparent)
        if !delivery.isSigned { writeUnverified() }
        json.reset()
        if mode == .structured { openEnvelope() }
        writeValue(delivery.fields, delivery.bytes)
        if mode == .structured { closeEnvelope() }
    }

    /// The record's key: a canonical id in ASCII, if Notion's ids are UUIDs, as they are.
    public var key: Span<UInt8> {
        @_lifetime(borrow self)
        get { headerText.bytes.extracting(keySlot.start..<keySlot.end) }
    }

    /// The record's value: event v1 in JSON, or a CloudEvent that holds it.
    public var value: Span<UInt8> {
        @_lifetime(borrow self)
        get { json.bytes }
    }

    /// The event's id, as in the header `ce_id`.
    public var eventID: Span<UInt8> {
        @_lifetime(borrow self)
        get { headerText.bytes.extracting(idSlot.start..<idSlot.end) }
    }

    /// How many headers there are: at most twelve, and `ce_verified` for what was not signed; no name twice.
    public var headerCount: Int { headers.count }

    /// A header's name, in ASCII; the index goes from 0 up to ``headerCount``.
    @_lifetime(borrow self)
    public func headerName(_ index: Int) -> Span<UInt8> {
        names.text.span.extracting(names.places[headers[index].name.rawValue])
    }

    /// A header's value, UTF-8 without control characters; the index goes from 0 up to ``headerCount``.
    @_lifetime(borrow self)
    public func headerValue(_ index: Int) -> Span<UInt8> {
        headerText.bytes.extracting(headers[index].start..<headers[index].end)
    }
}

/// A header's name, and the place of its value among all header text.
struct HeaderSlot {
    let name: HeaderName
    let start: Int
    let end: Int
}
