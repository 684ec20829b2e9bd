/// The event types that are wanted: `page.created`, `page.*`, `*`. One match is enough.
package struct TypePatterns: Sendable, Equatable {
    private struct Pattern: Sendable, Equatable {
        let stem: [UInt8]
        let isPrefix: Bool

        func match(_ type: Span<UInt8>) -> Bool {
            guard isPrefix ? type.count >= stem.count : type.count == stem.count else { return false }
            for index in stem.indices where stem[index] != type[index] { return false }
            return true
        }
    }

    private let patterns: [Pattern]

    /// The patterns as they would be written, each once and in order, whatever order they came in.
    package let texts: [String]

    /// The patterns of a list; nil if one is invalid. An asterisk stands at the end, alone or after a full stop.
    package init?(_ texts: [String]) {
        self.texts = Set(texts).sorted()
        var patterns: [Pattern] = []
        for text in self.texts {
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
            let isPrefix = text.hasSuffix("*")
            guard !isPrefix || stem.isEmpty || stem.hasSuffix(".") else { return nil }
            patterns.append(Pattern(stem: Array(stem.utf8), isPrefix: isPrefix))
        }
        self.patterns = patterns
    }

    /// Whether a type is wanted. Without a pattern all are.
    package func match(_ type: String) -> Bool { patterns.isEmpty || matchOne(of: type.utf8.span) }

    /// The same for the value of a `ce_type` header, without allocation.
    package func match(header value: Span<UInt8>) -> Bool {
        if patterns.isEmpty { return true }
        return matchOne(of: value.extracting(Self.start(ofTypeIn: value)...))
    }

    private func matchOne(of type: Span<UInt8>) -> Bool {
        for pattern in patterns where pattern.match(type) { return true }
        return false
    }

    private static let prefix = Array("com.notion.".utf8)

    private static func start(ofTypeIn value: Span<UInt8>) -> Int {
        guard value.count >= prefix.count else { return 0 }
        for index in prefix.indices where prefix[index] != value[index] { return 0 }
        return prefix.count
    }

    /// Notion's type in the value of a `ce_type` header, with or without its prefix.
    package static func type(ofHeader value: [UInt8]?) -> String {
        guard let value else { return "" }
        return String(decoding: value[start(ofTypeIn: value.span)...], as: UTF8.self)
    }
}
