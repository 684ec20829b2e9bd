import Foundation
import TestSupport

/// Python's jsonschema, which is none of ours: one run for many documents.
enum SchemaValidator {
    /// A text, and the id of the schema that it is held against.
    struct Document {
        let schema: String
        let text: String
    }

    /// For each document nil if it is valid, else the first reason why not.
    static func verdicts(_ documents: [Document]) async throws -> [String?] {
        let directory = try TemporaryDirectory("schemas")
        let encoder = JSONEncoder()
        let lines = try documents.map { try String(decoding: encoder.encode([$0.schema, $0.text]), as: UTF8.self) }
        try directory.write(lines.joined(separator: "\n"), to: "documents")
        let result = try await PythonScript(name: "validate.py").run([
            SchemaFolder.url.path, directory.file("documents"),
        ])
        guard result.status == .exited(0) else { throw PythonScript.Failure(reason: result.text) }
        let verdicts = try JSONDecoder().decode([String?].self, from: Data(result.output.joined().utf8))
        guard verdicts.count == documents.count else {
            throw PythonScript.Failure(reason: "validate.py gave not one verdict for each document")
        }
        return verdicts
    }
}
