public import NotionWebhooks
internal import Timestamps

/// A Kafka record's key, value and headers for one delivery, in buffers that are reused for the next.
///
/// The same delivery, key strategy, time and trace always give the same bytes. After the first few deliveries, filling
/// allocates nothing unless an id or a name holds escapes. A record belongs to one thread at a time.
public struct EventRecord: ~Copyable {
    /// The URI that names event v1's shape: the header `ce_dataschema`.
    public static let dataSchema = "urn:notion-relay:schema:notion-event:v1"

    /// Where the attributes are.
    public let mode: ContentMode

    private var json = ByteBuffer(capacity: 8_192)
    private var headerText = ByteBuffer(capacity: 2_048)
    private var headers: [HeaderSlot] = []
    /// For what has to be unescaped before it can be written.
    private var scratch: [UInt8] = []
    private let words: EventWords
    private let names = HeaderNames()
    private var keySlot = HeaderSlot(name: .partitionKey, start: 0, end: 0)
    private var idSlot = HeaderSlot(name: .id, start: 0, end: 0)

    /// The place of the event's type in `DeliveryType.known`; 31 for an unknown type.
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
private struct HeaderSlot {
    let name: HeaderName
    let start: Int
    let end: Int
}

/// The envelope around event v1 in structured mode (CloudEvents 1.0, JSON event format, 3).
extension EventRecord {
    /// The attributes are those of the headers, which must have been written, with the same text: extensions are
    /// strings in both modes, and readers of either find the same event. Trace context stays a header, since it belongs
    /// to the record and not to the event.
    private mutating func openEnvelope() {
        json.append(UInt8(ascii: "{"))
        let nameText = names.text
        for index in headers.indices {
            let header = headers[index]
            guard header.name.isAttribute else { continue }
            json.append(UInt8(ascii: "\""))
            json.append(nameText.span.extracting(names.places[header.name.rawValue].dropFirst(HeaderName.prefixBytes)))
            json.append(words.quoteAndColon)
            scratch.removeAll(keepingCapacity: true)
            for place in header.start..<header.end { scratch.append(headerText[place]) }
            json.append(string: scratch)
            json.append(UInt8(ascii: ","))
        }
        json.append(words.dataContentType)
    }

    private mutating func closeEnvelope() { json.append(UInt8(ascii: "}")) }
}

/// The headers. One without a value is left out: CloudEvents does not allow empty values.
extension EventRecord {
    private mutating func writeHeaders(_ fields: borrowing DeliveryFields, _ bytes: Span<UInt8>, key: KeyStrategy) {
        headerText.append(words.specVersion)
        end(.specVersion, 0)

        var start = headerText.count
        write(header: fields.id, bytes)
        idSlot = end(.id, start)

        start = headerText.count
        writeSource(fields, bytes)
        end(.source, start)

        start = headerText.count
        headerText.append(words.typePrefix)
        if fields.type.isEmpty { headerText.append(words.unknownTypeName) } else { write(header: fields.type, bytes) }
        end(.type, start)

        writeTime(fields.timestamp, bytes)
        writeSubject(fields, bytes)

        start = headerText.count
        write(header: Self.keyID(fields, bytes, key), bytes)
        keySlot = end(.partitionKey, start)

        if fields.attempt.isPresent {
            start = headerText.count
            headerText.append(bytes.extracting(fields.attempt.range))
            end(.attempt, start)
        }
    }

    private mutating func writeHeaders(receivedAtMilliseconds: Int64, traceparent: TraceContext) {
        var start = headerText.count
        headerText.append(words.dataSchema)
        end(.dataSchema, start)

        start = headerText.count
        headerText.append(words.contentType)
        end(.contentType, start)

        start = headerText.count
        headerText.append(traceparent.text.span)
        end(.traceParent, start)

        start = headerText.count
        let received = Timestamp.characters(milliseconds: receivedAtMilliseconds)
        headerText.append(received.span)
        end(.recordedTime, start)
    }

    /// Only unverified deliveries are marked.
    private mutating func writeUnverified() {
        let start = headerText.count
        headerText.append(words.no)
        end(.verified, start)
    }

    @discardableResult
    private mutating func end(_ name: HeaderName, _ start: Int) -> HeaderSlot {
        let slot = HeaderSlot(name: name, start: start, end: headerText.count)
        headers.append(slot)
        return slot
    }

    /// The id that is the key under a strategy. Only comments name a page beside their own id.
    private static func keyID(
        _ fields: borrowing DeliveryFields,
        _ bytes: Span<UInt8>,
        _ strategy: KeyStrategy
    ) -> Identifier {
        switch strategy {
        case .page where fields.pageID.isPresent && bytes.name(fields.entityType) == comment: fields.pageID
        case .workspace where fields.workspaceID.isPresent: fields.workspaceID
        default: fields.entityID
        }
    }

    private static let comment = JSONName("comment")

    /// `/notion/workspaces/<id>/subscriptions/<id>`, without the parts that Notion does not give.
    private mutating func writeSource(_ fields: borrowing DeliveryFields, _ bytes: Span<UInt8>) {
        headerText.append(words.sourceRoot)
        if fields.workspaceID.isPresent {
            headerText.append(words.sourceWorkspace)
            write(segment: fields.workspaceID, bytes)
        }
        if fields.subscriptionID.isPresent {
            headerText.append(words.sourceSubscription)
            write(segment: fields.subscriptionID, bytes)
        }
    }

    private mutating func writeTime(_ timestamp: JSONString, _ bytes: Span<UInt8>) {
        let start = headerText.count
        // Whoever writes more digits of a second than a header has room for means no time.
        guard timestamp.count <= DeliveryFields.identifierBytesMax else { return }
        if timestamp.hasEscapes {
            let plain = bytes.unescaped(timestamp)
            guard Timestamp.isValid(plain.span) else { return }
            headerText.append(plain)
        } else {
            let plain = bytes.extracting(timestamp.range)
            guard Timestamp.isValid(plain) else { return }
            headerText.append(plain)
        }
        end(.time, start)
    }

    private mutating func writeSubject(_ fields: borrowing DeliveryFields, _ bytes: Span<UInt8>) {
        guard !fields.entityType.isEmpty else { return }
        let start = headerText.count
        write(header: fields.entityType, bytes)
        headerText.append(UInt8(ascii: "/"))
        write(header: fields.entityID, bytes)
        end(.subject, start)
    }

    private mutating func write(header string: JSONString, _ bytes: Span<UInt8>) {
        if string.hasEscapes {
            headerText.append(bytes.unescaped(string))
        } else {
            headerText.append(bytes.extracting(string.range))
        }
    }

    private mutating func write(header id: Identifier, _ bytes: Span<UInt8>) {
        guard id.form == .convertible else {
            write(header: id.string, bytes)
            return
        }
        let plain = bytes.unescaped(id.string)
        headerText.append(CanonicalID(plain.span)?.bytes ?? plain)
    }

    /// An id inside a URI.
    private mutating func write(segment id: Identifier, _ bytes: Span<UInt8>) {
        if id.form == .other {
            let plain = bytes.unescaped(id.string)
            headerText.append(PercentEncoding.encode(plain.span))
        } else {
            write(header: id, bytes)
        }
    }
}

/// Event v1. The order of the members is part of the format, so that equal deliveries give equal bytes.
extension EventRecord {
    private mutating func writeValue(_ fields: borrowing DeliveryFields, _ bytes: Span<UInt8>) {
        json.append(words.id)
        write(fields.id, bytes)
        json.append(words.type)
        if fields.type.isEmpty { json.append(words.unknownType) } else { write(fields.type, bytes) }
        json.append(words.occurredAt)
        write(fields.timestamp, bytes)
        json.append(words.attempt)
        write(fields.attempt, bytes)
        json.append(words.apiVersion)
        write(fields.apiVersion, bytes)
        json.append(words.workspace)
        write(fields.workspaceID, bytes)
        json.append(words.name)
        write(fields.workspaceName, bytes)
        json.append(words.subscriptionID)
        write(fields.subscriptionID, bytes)
        json.append(words.integrationID)
        write(fields.integrationID, bytes)
        json.append(words.entity)
        write(fields.entityType, bytes)
        json.append(words.nestedID)
        write(fields.entityID, bytes)
        json.append(words.parent)
        writeParent(fields, bytes)
        json.append(words.pageID)
        write(fields.pageID, bytes)
        json.append(words.authors)
        writeReferences(fields.authors, bytes)
        if fields.accessibleBy.isPresent {
            json.append(words.accessibleBy)
            writeReferences(fields.accessibleBy, bytes)
        }
        json.append(words.aggregated)
        write(DeliveryType.isAggregated(at: typeIndex))
        writeChanges(fields, bytes)
        json.append(words.data)
        write(fields.data, bytes)
        if !fields.unknown.isEmpty { writeUnknown(fields, bytes) }
        json.append(UInt8(ascii: "}"))
    }

    /// One shape for all parents: one in a data source has that type, even if Notion's `type` is another or absent.
    private mutating func writeParent(_ fields: borrowing DeliveryFields, _ bytes: Span<UInt8>) {
        if fields.dataSourceID.isPresent {
            json.append(words.dataSource)
            json.append(words.nestedID)
            write(fields.dataSourceID, bytes)
            json.append(words.databaseID)
        } else if fields.parentType.isPresent || fields.parentID.isPresent {
            json.append(words.nestedType)
            write(fields.parentType, bytes)
            json.append(words.nestedID)
        } else {
            json.append(words.null)
            return
        }
        write(fields.parentID, bytes)
        json.append(UInt8(ascii: "}"))
    }

    private mutating func writeChanges(_ fields: borrowing DeliveryFields, _ bytes: Span<UInt8>) {
        json.append(words.blocks)
        writeReferences(fields.updatedBlocks, bytes)
        json.append(words.properties)
        writeProperties(fields.updatedProperties, bytes)
        json.append(words.fields)
        var reader = StringReader(fields.updatedFields, in: bytes)
        var isFirst = true
        while let field = reader.next() {
            separate(&isFirst)
            write(field, bytes)
        }
    }

    private mutating func writeReferences(_ array: JSONSlice, _ bytes: Span<UInt8>) {
        guard array.isPresent else { return }
        var reader = ReferenceReader(array, in: bytes)
        var isFirst = true
        while let reference = reader.next() {
            separate(&isFirst)
            json.append(words.nestedType)
            write(reference.type, bytes)
            json.append(words.nestedID)
            write(bytes.identifier(reference.id), bytes)
            json.append(UInt8(ascii: "}"))
        }
    }

    private mutating func writeProperties(_ array: JSONSlice, _ bytes: Span<UInt8>) {
        guard array.isPresent else { return }
        var reader = PropertyReader(array, in: bytes)
        var isFirst = true
        while let property = reader.next() {
            separate(&isFirst)
            json.append(words.id)
            write(propertyID: property.id, bytes)
            if property.isDescribed {
                json.append(words.name)
                write(property.name, bytes)
                json.append(words.action)
                write(property.action, bytes)
            }
            json.append(UInt8(ascii: "}"))
        }
    }

    private mutating func writeUnknown(_ fields: borrowing DeliveryFields, _ bytes: Span<UInt8>) {
        json.append(words.unknown)
        var isFirst = true
        for index in fields.unknown.indices {
            separate(&isFirst)
            write(fields.unknown[index].name, bytes)
            json.append(UInt8(ascii: ":"))
            write(fields.unknown[index].value, bytes)
        }
        json.append(UInt8(ascii: "}"))
    }

    private mutating func separate(_ isFirst: inout Bool) {
        if !isFirst { json.append(UInt8(ascii: ",")) }
        isFirst = false
    }
}

// MARK: - Single values

extension EventRecord {
    /// A value verbatim, null without one.
    private mutating func write(_ slice: JSONSlice, _ bytes: Span<UInt8>) {
        if slice.isPresent { json.append(bytes.extracting(slice.range)) } else { json.append(words.null) }
    }

    private mutating func write(_ flag: Bool?) {
        switch flag {
        case nil: json.append(words.null)
        case true?: json.append(words.yes)
        case false?: json.append(words.no)
        }
    }

    /// A string with the fewest escapes that JSON allows, null without one.
    private mutating func write(_ string: JSONString, _ bytes: Span<UInt8>) {
        guard string.isPresent else {
            json.append(words.null)
            return
        }
        guard !string.hasEscapes else {
            scratch.removeAll(keepingCapacity: true)
            bytes.unescape(string, into: &scratch)
            json.append(string: scratch)
            return
        }
        // With its quotes, which stand around it in the text as well.
        json.append(bytes.extracting((string.start &- 1)..<(string.end &+ 1)))
    }

    private mutating func write(_ id: Identifier, _ bytes: Span<UInt8>) {
        guard id.isPresent, id.form == .convertible else {
            write(id.isPresent ? id.string : .absent, bytes)
            return
        }
        scratch.removeAll(keepingCapacity: true)
        bytes.unescape(id.string, into: &scratch)
        if let canonical = CanonicalID(scratch.span) { scratch = canonical.bytes }
        json.append(string: scratch)
    }

    /// A property's id, percent-decoded once. A percent sign that starts no escape stays; so does the whole id if the
    /// decoded bytes are not UTF-8.
    private mutating func write(propertyID id: JSONString, _ bytes: Span<UInt8>) {
        guard id.hasEscapes || bytes.contains(UInt8(ascii: "%"), in: id.range) else {
            write(id, bytes)
            return
        }
        scratch.removeAll(keepingCapacity: true)
        bytes.unescape(id, into: &scratch)
        if !PercentEncoding.decode(&scratch) {
            scratch.removeAll(keepingCapacity: true)
            bytes.unescape(id, into: &scratch)
        }
        json.append(string: scratch)
    }
}

extension Span<UInt8> {
    fileprivate func contains(_ wanted: UInt8, in range: Range<Int>) -> Bool {
        for index in range where self[index] == wanted { return true }
        return false
    }
}
