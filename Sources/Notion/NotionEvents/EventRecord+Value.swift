import NotionWebhooks

/// Writing event v1. The order of the members is part of the format, so that equal deliveries give equal bytes.
extension EventRecord {
    mutating func writeValue(_ fields: borrowing DeliveryFields, _ bytes: Span<UInt8>) {
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

    /// One shape for all parents: what lives in a data source says so, whatever `type` says or if it says nothing.
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
            writeScratch()
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
        writeScratch()
    }

    /// A property's id with its percent-encoding taken off once. What is no escape stays; so does the whole id, if its
    /// bytes would not be UTF-8.
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
        writeScratch()
    }

    /// As a JSON string.
    mutating func writeScratch() {
        json.append(UInt8(ascii: "\""))
        if scratch.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            json.append(scratch)
        } else {
            writeEscapedScratch()
        }
        json.append(UInt8(ascii: "\""))
    }

    private mutating func writeEscapedScratch() {
        for index in scratch.indices {
            let byte = scratch[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                json.append(UInt8(ascii: "\\"))
                json.append(byte)
            } else if byte < 0x20 {
                writeControl(byte)
            } else {
                json.append(byte)
            }
        }
    }

    private mutating func writeControl(_ byte: UInt8) {
        json.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: json.append(UInt8(ascii: "b"))
        case 0x09: json.append(UInt8(ascii: "t"))
        case 0x0A: json.append(UInt8(ascii: "n"))
        case 0x0C: json.append(UInt8(ascii: "f"))
        case 0x0D: json.append(UInt8(ascii: "r"))
        default:
            json.append(UInt8(ascii: "u"))
            json.append(UInt8(ascii: "0"))
            json.append(UInt8(ascii: "0"))
            json.append(UInt8(ascii: "0") &+ byte &>> 4)
            json.append(PercentEncoding.digit(byte & 15, ten: UInt8(ascii: "a")))
        }
    }
}

extension Span<UInt8> {
    fileprivate func contains(_ wanted: UInt8, in range: Range<Int>) -> Bool {
        for index in range where self[index] == wanted { return true }
        return false
    }
}
