import Foundation
import Testing

/// The published schemas, and the examples beside them.
enum SchemaFolder {
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let url = repository.appending(path: "schemas")

    /// The schemas. That of entities has no code of ours yet, neither writer nor decoder: only the validator reads it.
    static let ids = [
        "notion-event.v1": "urn:notion-relay:schema:notion-event:v1",
        "notion-event-structured.v1": "urn:notion-relay:schema:notion-event-structured:v1",
        "notion-delivery": "urn:notion-relay:schema:notion-delivery",
        "dead-letter.v1": "urn:notion-relay:schema:dead-letter:v1",
        "subscriptions.v1": "urn:notion-relay:schema:subscriptions:v1",
        "notion-entity.v1": "urn:notion-relay:schema:notion-entity:v1",
    ]

    /// A schema as JSON.
    static func schema(_ name: String) throws -> NSDictionary {
        let data = try Data(contentsOf: url.appending(path: "\(name).schema.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? NSDictionary)
    }

    static func examples(of schema: String, areValid: Bool) throws -> [SchemaExample] {
        let folder = url.appending(path: "examples/\(schema)/\(areValid ? "valid" : "invalid")")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { file in
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            return SchemaExample(schema: schema, name: String(file.dropLast(".json".count)), text: text)
        }
    }
}

/// One file of `schemas/examples/`.
struct SchemaExample {
    let schema: String
    let name: String
    let text: String

    var bytes: [UInt8] { Array(text.utf8) }
    var id: String { SchemaFolder.ids[schema] ?? "" }
    /// What the name says in front of the first `--`.
    var kind: String { name.components(separatedBy: "--")[0] }
    var document: SchemaValidator.Document { SchemaValidator.Document(schema: id, text: text) }
}

/// A JSON text, to be compared without regard to the order of members.
func json(_ bytes: [UInt8]) throws -> NSObject {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) as? NSObject)
}
