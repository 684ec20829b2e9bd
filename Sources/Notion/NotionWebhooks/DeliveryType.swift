/// What an event says has happened: one of the types that Notion documents, or one that it has added since.
public struct DeliveryType: Sendable, Equatable {
    /// The type as Notion writes it, for example `page.created`. A delivery without one is `unknown`.
    public let name: String

    /// A type by its name.
    public init(_ name: String) { self.name = name }

    /// The 31 types of Notion's documentation. The order is fixed: metrics and tests rely on the places.
    public static let known: [String] = table.map(\.name)

    /// The place in ``known``; 31 for an unknown type.
    public var index: Int { Self.index(of: Array(name.utf8).span) }

    /// Whether Notion gathers such events over a short time before it sends one.
    ///
    /// Nil where Notion does not say: for transcripts, views and file uploads, and for types that we do not know.
    public var isAggregated: Bool? { Self.isAggregated(at: index) }

    /// As ``isAggregated``, by the place in ``known``.
    package static func isAggregated(at index: Int) -> Bool? { index < table.count ? table[index].isAggregated : nil }

    /// The place in ``known`` of the type with this name; 31 for any other.
    package static func index(of name: Span<UInt8>) -> Int {
        guard name.count >= 8 else { return table.count }
        var slot = hash(name)
        while true {
            let index = Int(slots[slot])
            guard index < table.count else { return index }
            let candidate = names[index]
            if isEqual(name, candidate.span) { return index }
            slot = (slot &+ 1) & 255
        }
    }

    private static func isEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        for index in a.indices where a[index] != b[index] { return false }
        return true
    }

    private static func hash(_ name: Span<UInt8>) -> Int {
        let mixed = (name.word(at: 0) ^ name.word(at: name.count &- 8) &+ UInt64(name.count)) &* 0x9E37_79B9_7F4A_7C15
        return Int(mixed &>> 56)
    }

    private static let names: [[UInt8]] = table.map { Array($0.name.utf8) }

    /// An open hash table of places in ``known``; an empty slot holds the place of no type.
    private static let slots: [UInt8] = {
        var slots = [UInt8](repeating: UInt8(table.count), count: 256)
        for (index, name) in names.enumerated() {
            var slot = hash(name.span)
            while Int(slots[slot]) < table.count { slot = (slot + 1) & 255 }
            slots[slot] = UInt8(index)
        }
        return slots
    }()

    private static let table: [(name: String, isAggregated: Bool?)] = [
        ("page.created", true),
        ("page.content_updated", true),
        ("page.properties_updated", true),
        ("page.moved", true),
        ("page.deleted", true),
        ("page.undeleted", true),
        ("page.locked", false),
        ("page.unlocked", false),
        ("page.transcription_block.transcript_deleted", nil),
        ("database.created", true),
        ("database.content_updated", true),
        ("database.schema_updated", true),
        ("database.moved", true),
        ("database.deleted", true),
        ("database.undeleted", true),
        ("data_source.created", true),
        ("data_source.content_updated", true),
        ("data_source.schema_updated", true),
        ("data_source.moved", true),
        ("data_source.deleted", true),
        ("data_source.undeleted", true),
        ("comment.created", false),
        ("comment.updated", false),
        ("comment.deleted", false),
        ("view.created", nil),
        ("view.updated", nil),
        ("view.deleted", nil),
        ("file_upload.created", nil),
        ("file_upload.completed", nil),
        ("file_upload.expired", nil),
        ("file_upload.upload_failed", nil),
    ]
}
