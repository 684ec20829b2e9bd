import NotionEvents
internal import Timestamps

/// A filter as people write it: one flag for each condition, several values by commas.
extension RecordFilter {
    /// The filter that these flags ask for. Times are milliseconds since 1970; the first one belongs to the range, the
    /// second one does not.
    ///
    /// Ids may be written with and without dashes, in any case, or as the address of a page at notion.so or
    /// notion.site.
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

    /// The filter written back, always in the same way: equal filters give equal flags.
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

    /// The filter that was written as ``arguments``.
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
            guard let identifier = WrittenID(entry) else {
                throw RecordFilterError(
                    "\(flag): write an id, or the address of a page at notion.so or notion.site,"
                        + " which ends in 32 hexadecimal digits"
                )
            }
            identifiers.append(identifier.bytes)
        }
        return identifiers
    }

    private static let typePrefix = "com.notion."

    private static func types(_ text: String?) throws(RecordFilterError) -> TypePatterns? {
        // Who copies a type from a header has its prefix too.
        let texts = try entries(text, "--type")?.map {
            $0.hasPrefix(typePrefix) ? String($0.dropFirst(typePrefix.count)) : $0
        }
        guard let texts else { return nil }
        guard let types = TypePatterns(texts) else {
            throw RecordFilterError(
                "--type: write event types such as page.created, page.* or *, separated by commas"
            )
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
