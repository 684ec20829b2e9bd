/// Which event types are wanted: `page.created`, `page.*`, `*`; any of them.
package struct TypePatterns: Sendable, Equatable {
    private let exact: Set<String>
    private let prefixes: [String]

    /// The patterns of a list; nil when one of them is none. A star stands at the end, alone or behind a full stop.
    package init?(_ texts: [String]) {
        var exact: Set<String> = []
        var prefixes: [String] = []
        for text in texts {
            let stem = text.hasSuffix("*") ? text.dropLast() : text[...]
            let isPlain = stem.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
            guard !text.isEmpty, text.utf8.count <= 128, isPlain else { return nil }
            guard text.hasSuffix("*") else {
                exact.insert(text)
                continue
            }
            guard stem.isEmpty || stem.hasSuffix(".") else { return nil }
            prefixes.append(String(stem))
        }
        self.exact = exact
        self.prefixes = prefixes
    }

    /// Whether a type is wanted. Without a pattern all are.
    package func match(_ type: String) -> Bool {
        if exact.isEmpty, prefixes.isEmpty { return true }
        return exact.contains(type) || prefixes.contains { type.hasPrefix($0) }
    }

    private static let prefix = Array("com.notion.".utf8)

    /// Notion's type out of the value of a `ce_type` header, whose prefix it has or not.
    package static func type(ofHeader value: [UInt8]?) -> String {
        guard let value else { return "" }
        return String(decoding: value.starts(with: prefix) ? value[prefix.count...] : value[...], as: UTF8.self)
    }
}
