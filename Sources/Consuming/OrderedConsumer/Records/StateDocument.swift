internal import FoundationEssentials
import TextOutput

/// JSON values of a state topic, all of version 1.
enum StateDocument {
    static let version = 1

    static func encoded(_ document: some Encodable) -> [UInt8]? {
        SortedJSON.bytes(document)
    }

    /// Nil for what is no such document; what else it holds is of a later writer and does not matter.
    static func decoded<Document: VersionedDocument>(_ type: Document.Type, _ value: [UInt8]) -> Document? {
        guard let document = try? JSONDecoder().decode(type, from: Data(value)) else { return nil }
        return document.version == version ? document : nil
    }
}

/// A document that says which version of its format it has.
protocol VersionedDocument: Codable {
    var version: Int { get }
}
