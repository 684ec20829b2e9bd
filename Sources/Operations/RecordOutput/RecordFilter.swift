package import Kafka
import NotionEvents
import NotionWebhooks
internal import Timestamps

/// By key and headers; values are not read. All conditions must hold. Of several headers with one name the last counts;
/// a record without a header that a condition needs is not wanted.
package struct RecordFilter: Sendable, Equatable {
    /// Keys, or ids that `ce_subject` names: canonical ids and other texts as they are.
    let entities: WantedTexts?
    let types: TypePatterns?
    /// Workspaces that `ce_source` may name, as the user writes them and as they are written there.
    let workspaces: WantedTexts?
    let workspaceSegments: WantedTexts?
    let ids: WantedTexts?
    /// The first millisecond since 1970 that `ce_time` may name, and the first after it that it may not.
    let occurredFrom: Int64?
    let occurredTo: Int64?

    package var isEmpty: Bool { entities == nil && needsNoHeader }

    private var needsNoHeader: Bool {
        types == nil && workspaces == nil && ids == nil && occurredFrom == nil && occurredTo == nil
    }

    package func matches(_ record: borrowing Record) -> Bool {
        let isKey = entities.map { $0.contains(key: record.key) } ?? true
        if needsNoHeader, isKey { return true }
        var isSubject = false
        var isType = types == nil
        var isSource = workspaces == nil
        var isID = ids == nil
        var isTime = occurredFrom == nil && occurredTo == nil
        record.forEachHeader { name, value in
            // Only conditions that are set are checked.
            switch name {
            case "ce_subject": if let entities, !isKey { isSubject = entities.contains(subject: value) }
            case "ce_type": if let types { isType = if let value { types.match(header: value) } else { false } }
            case "ce_source": if let workspaceSegments { isSource = workspaceSegments.contains(source: value) }
            case "ce_id": if let ids { isID = if let value { ids.contains(value) } else { false } }
            case "ce_time": if occurredFrom != nil || occurredTo != nil { isTime = holds(time: value) }
            default: break
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

    /// Times are milliseconds since 1970; the first is inside, the second outside. Ids may be written with and without
    /// dashes, in any case, or as the address of a page at notion.so or notion.site.
    package init(
        entity: String? = nil,
        type: String? = nil,
        workspace: String? = nil,
        id: String? = nil,
        occurredFrom: Int64? = nil,
        occurredTo: Int64? = nil
    ) throws(RecordFilterError) {
        entities = try Self.identifiers(entity, "--entity").map { WantedTexts($0) }
        types = try Self.types(type)
        let workspaces = try Self.identifiers(workspace, "--workspace")
        self.workspaces = workspaces.map { WantedTexts($0) }
        workspaceSegments = workspaces.map { WantedTexts($0.map { PercentEncoding.encode($0.span) }) }
        ids = try Self.entries(id, "--id").map { WantedTexts($0.map { Array($0.utf8) }) }
        self.occurredFrom = try Self.time(occurredFrom, "--occurred-from")
        self.occurredTo = try Self.time(occurredTo, "--occurred-to")
        if let occurredFrom, let occurredTo, occurredFrom >= occurredTo {
            throw RecordFilterError("--occurred-to: write a time that is later than that of --occurred-from")
        }
    }

    /// The filter written back: equal filters give equal flags.
    package var arguments: [(flag: String, value: String)] {
        let pairs: [(String, String?)] = [
            ("--entity", entities?.list),
            ("--type", types?.texts.joined(separator: ",")),
            ("--workspace", workspaces?.list),
            ("--id", ids?.list),
            ("--occurred-from", occurredFrom.map { Timestamp.text(milliseconds: $0) }),
            ("--occurred-to", occurredTo.map { Timestamp.text(milliseconds: $0) }),
        ]
        return pairs.compactMap { flag, value in value.map { (flag, $0) } }
    }

    package init(arguments: [String: String]) throws(RecordFilterError) {
        func time(_ flag: String) -> Int64? { arguments[flag].flatMap { Timestamp.milliseconds($0) } }
        try self.init(
            entity: arguments["--entity"],
            type: arguments["--type"],
            workspace: arguments["--workspace"],
            id: arguments["--id"],
            occurredFrom: time("--occurred-from"),
            occurredTo: time("--occurred-to")
        )
    }

    // Limit: each record is compared with each of them.
    private static let entriesMax = 1000

    private static func entries(_ text: String?, _ flag: String) throws(RecordFilterError) -> [String]? {
        guard let text else { return nil }
        var entries: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let first = part.firstIndex(where: { $0 != " " }), let last = part.lastIndex(where: { $0 != " " })
            else { throw RecordFilterError("\(flag): write values separated by commas; one of them is empty") }
            entries.append(String(part[first...last]))
        }
        guard entries.count <= entriesMax else {
            throw RecordFilterError("\(flag): write at most \(entriesMax) values")
        }
        return entries
    }

    private static func identifiers(_ text: String?, _ flag: String) throws(RecordFilterError) -> [[UInt8]]? {
        guard let entries = try entries(text, flag) else { return nil }
        var identifiers: [[UInt8]] = []
        for entry in entries {
            guard let identifier = identifier(entry) else {
                throw RecordFilterError(
                    "\(flag): write an id, or the address of a page at notion.so or notion.site,"
                        + " which ends in 32 hexadecimal digits"
                )
            }
            identifiers.append(identifier)
        }
        return identifiers
    }

    /// The canonical id; another text as it was written. Nil for an address that is not one of a page of Notion's.
    private static func identifier(_ text: String) -> [UInt8]? {
        let written = Array(text.utf8)
        if let canonical = CanonicalID(written.span) { return canonical.bytes }
        guard let address = PageAddress(text) else { return written }
        return address.id
    }

    private static let typePrefix = "com.notion."

    private static func types(_ text: String?) throws(RecordFilterError) -> TypePatterns? {
        // A type that was copied from a header has its prefix.
        guard let entries = try entries(text, "--type") else { return nil }
        let texts = entries.map { $0.hasPrefix(typePrefix) ? String($0.dropFirst(typePrefix.count)) : $0 }
        guard let types = TypePatterns(texts) else {
            throw RecordFilterError("--type: write event types such as page.created, page.* or *, separated by commas")
        }
        return types
    }

    /// Only a time that can be written back.
    private static func time(_ milliseconds: Int64?, _ flag: String) throws(RecordFilterError) -> Int64? {
        guard let milliseconds else { return nil }
        guard Timestamp.milliseconds(Timestamp.text(milliseconds: milliseconds)) == milliseconds else {
            throw RecordFilterError("\(flag): write a time in the years 0 to 9999")
        }
        return milliseconds
    }
}

/// The address of a page, as a browser shows it: `https://www.notion.so/harbour/Plan-260d16741234…?pvs=4`.
private struct PageAddress {
    /// The page's canonical id; nil if the address has none, or is not Notion's.
    let id: [UInt8]?

    /// Nil for what is not an address.
    init?(_ text: String) {
        var rest = text[...]
        let scheme = ["https://", "http://"].first { text.lowercased().hasPrefix($0) }
        if let scheme { rest = rest.dropFirst(scheme.count) }
        let host = rest.prefix { !"/?#".contains($0) }
        guard Self.isNotion(host.lowercased()) else {
            if scheme == nil { return nil }
            id = nil
            return
        }
        rest = rest.dropFirst(host.count)
        let path = rest.prefix { !"?#".contains($0) }
        let query = rest.dropFirst(path.count).drop { $0 == "?" }.prefix { $0 != "#" }
        // A page that is opened beside a database is in `p=`; the path then names the database.
        let opened = query.split(separator: "&").first { $0.hasPrefix("p=") }?.dropFirst(2)
        id = Self.id(endOf: opened ?? path.split(separator: "/").last ?? "")
    }

    private static func isNotion(_ host: String) -> Bool {
        ["notion.so", "notion.site", "notion.com"].contains { host == $0 || host.hasSuffix(".\($0)") }
    }

    /// The id alone, or behind the title and a dash.
    private static func id(endOf segment: Substring) -> [UInt8]? {
        let bytes = Array(segment.utf8)
        for count in [36, 32] where bytes.count >= count {
            let isWhole = bytes.count == count || bytes[bytes.count - count - 1] == UInt8(ascii: "-")
            if isWhole, let id = CanonicalID(bytes.span.extracting(last: count)) { return id.bytes }
        }
        return nil
    }
}

package struct RecordFilterError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// A few texts to compare very many with: each once, in the order of their bytes.
struct WantedTexts: Sendable, Equatable {
    let texts: [[UInt8]]

    init(_ texts: [[UInt8]]) { self.texts = Set(texts).sorted { $0.lexicographicallyPrecedes($1) } }

    func contains(_ bytes: Span<UInt8>) -> Bool {
        for text in texts where text.count == bytes.count && bytes.isEqual(to: text.span) { return true }
        return false
    }

    var list: String { texts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",") }

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
