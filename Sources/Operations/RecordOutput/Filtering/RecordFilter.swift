package import Kafka
import NotionEvents
internal import Timestamps

/// Which records of an event topic are wanted, by their key and headers; values are not read. All conditions that are
/// set must hold. Of headers with one name the last one counts; a record without the header that a condition needs is
/// not wanted.
package struct RecordFilter: Sendable, Equatable {
    /// Keys, or ids that `ce_subject` names: canonical ids and other texts as they are.
    let entities: WantedTexts?
    /// Types that `ce_type` may name.
    let types: TypePatterns?
    /// Workspaces that `ce_source` may name, as they are written and as they stand in it.
    let workspaces: WantedTexts?
    let workspaceSegments: WantedTexts?
    /// What `ce_id` may be.
    let ids: WantedTexts?
    /// The first millisecond since 1970 that `ce_time` may name, and the first after it that it may not.
    let occurredFrom: Int64?
    let occurredTo: Int64?

    /// Whether every record is wanted.
    package var isEmpty: Bool { entities == nil && needsNoHeader }

    private var needsNoHeader: Bool {
        types == nil && workspaces == nil && ids == nil && occurredFrom == nil && occurredTo == nil
    }

    /// Whether a record is wanted.
    package func matches(_ record: borrowing Record) -> Bool {
        let isKey = entities.map { $0.contains(key: record.key) } ?? true
        if needsNoHeader, isKey { return true }
        var isSubject = false
        var isType = types == nil
        var isSource = workspaces == nil
        var isID = ids == nil
        var isTime = occurredFrom == nil && occurredTo == nil
        record.forEachHeader { name, value in
            // Each case only runs for a condition that is set: the others have nothing to say about a record.
            switch EventAttribute(name) {
            case nil: break
            case .subject: if let entities, !isKey { isSubject = entities.contains(subject: value) }
            case .type: if let types { isType = types.match(ifPresent: value) }
            case .source: if let workspaceSegments { isSource = workspaceSegments.contains(source: value) }
            case .id: if let ids { isID = ids.contains(ifPresent: value) }
            case .time: if occurredFrom != nil || occurredTo != nil { isTime = holds(time: value) }
            }
        }
        return (isKey || isSubject) && isType && isSource && isID && isTime
    }

    private func holds(time: Span<UInt8>?) -> Bool {
        guard let time, let milliseconds = Timestamp.milliseconds(time.copied) else { return false }
        if let occurredFrom, milliseconds < occurredFrom { return false }
        if let occurredTo, milliseconds >= occurredTo { return false }
        return true
    }
}

/// The headers that a filter looks at.
private enum EventAttribute {
    case id, type, time, source, subject

    private static let idName = Array("ce_id".utf8)
    private static let typeName = Array("ce_type".utf8)
    private static let timeName = Array("ce_time".utf8)
    private static let sourceName = Array("ce_source".utf8)
    private static let subjectName = Array("ce_subject".utf8)

    init?(_ name: Span<UInt8>) {
        switch name.count {
        case 5 where name.isEqual(to: Self.idName.span): self = .id
        case 7 where name.isEqual(to: Self.typeName.span): self = .type
        case 7 where name.isEqual(to: Self.timeName.span): self = .time
        case 9 where name.isEqual(to: Self.sourceName.span): self = .source
        case 10 where name.isEqual(to: Self.subjectName.span): self = .subject
        default: return nil
        }
    }
}

extension TypePatterns {
    fileprivate func match(ifPresent type: Span<UInt8>?) -> Bool {
        guard let type else { return false }
        return match(header: type)
    }
}

extension WantedTexts {
    fileprivate func contains(ifPresent text: Span<UInt8>?) -> Bool {
        guard let text else { return false }
        return contains(text)
    }

    fileprivate func contains(key: [UInt8]?) -> Bool {
        guard let key else { return false }
        return contains(key.span)
    }

    /// `<entity type>/<entity id>`.
    fileprivate func contains(subject: Span<UInt8>?) -> Bool {
        guard let subject else { return false }
        for index in subject.indices where subject[index] == UInt8(ascii: "/") {
            return contains(subject.extracting((index + 1)...))
        }
        return false
    }

    private static let workspaces = Array("/notion/workspaces/".utf8)

    /// `/notion/workspaces/<id>/subscriptions/<id>`, or without the last two.
    fileprivate func contains(source: Span<UInt8>?) -> Bool {
        let start = Self.workspaces.count
        guard let source, source.count > start, source.extracting(..<start).isEqual(to: Self.workspaces.span) else {
            return false
        }
        var end = start
        while end < source.count, source[end] != UInt8(ascii: "/") { end += 1 }
        return contains(source.extracting(start..<end))
    }
}
