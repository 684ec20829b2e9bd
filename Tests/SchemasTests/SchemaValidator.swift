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
    static func verdicts(_ documents: [Document]) throws -> [String?] {
        let directory = try TemporaryDirectory("schemas")
        let encoder = JSONEncoder()
        let lines = try documents.map { try String(decoding: encoder.encode([$0.schema, $0.text]), as: UTF8.self) }
        try directory.write(lines.joined(separator: "\n"), to: "documents")
        let result = try PythonScript(name: "validate.py").run([SchemaFolder.url.path, directory.file("documents")])
        guard result.status == 0 else { throw PythonScript.Failure(reason: "validate.py failed, see above") }
        let verdicts = try JSONDecoder().decode([String?].self, from: result.output)
        guard verdicts.count == documents.count else {
            throw PythonScript.Failure(reason: "validate.py gave not one verdict for each document")
        }
        return verdicts
    }
}
