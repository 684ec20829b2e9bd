internal import Kafka

/// A few texts that are looked for among very many: each once, in the order of their bytes.
struct WantedTexts: Sendable, Equatable {
    let texts: [[UInt8]]

    init(_ texts: [[UInt8]]) {
        self.texts = Set(texts).sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Whether the bytes are one of the texts; most are told by their length or the first bytes.
    func contains(_ bytes: Span<UInt8>) -> Bool {
        for text in texts where text.count == bytes.count && bytes.isEqual(to: text.span) { return true }
        return false
    }

    /// As people write them behind a flag.
    var list: String { texts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",") }
}
