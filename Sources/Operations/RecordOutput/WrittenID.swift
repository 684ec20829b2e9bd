import NotionWebhooks

/// An id as people write it, in the form that records have.
///
/// Notion shows one id in many ways: with and without dashes, in upper case, and at the end of a page's address.
struct WrittenID: Sendable, Equatable {
    /// The canonical id; any other text as it was written.
    let bytes: [UInt8]

    /// Nil for an address that is not one of a page of Notion's.
    init?(_ text: String) {
        let written = Array(text.utf8)
        if let canonical = CanonicalID(written.span) {
            bytes = canonical.bytes
        } else if let address = PageAddress(text) {
            guard let id = address.id else { return nil }
            bytes = id
        } else {
            bytes = written
        }
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
