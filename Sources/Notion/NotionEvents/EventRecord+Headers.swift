import NotionWebhooks
internal import Timestamps

/// Writing the headers. One that has nothing to say is left out; an empty value would break CloudEvents' rules.
extension EventRecord {
    mutating func writeHeaders(_ fields: borrowing DeliveryFields, _ bytes: Span<UInt8>, key: KeyStrategy) {
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

    mutating func writeHeaders(receivedAtMilliseconds: Int64, traceparent: TraceContext) {
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

    /// Only what nobody vouches for is marked.
    mutating func writeUnverified() {
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

    /// The id that a strategy keys by. Only comments have a page of their own to go with.
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
