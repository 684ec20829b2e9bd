import Foundation
import TestSupport
import Testing

/// A change of a schema after its release, and what the check has to say to it.
struct SchemaChange: Sendable {
    /// A folder's name; unique in its table.
    let name: String
    let schema: String
    let edits: [JSONEdit]
    /// New valid examples, instead of those that there are.
    var examples: [String: String] = [:]
    /// Parts that must stand in one of the lines; none for a change that is allowed.
    var finding: [String] = []

    init(
        _ name: String,
        _ schema: String,
        _ edits: JSONEdit...,
        examples: [String: String] = [:],
        finding: String...
    ) {
        self.name = name
        self.schema = schema
        self.edits = edits
        self.examples = examples
        self.finding = finding
    }

    /// Writes a folder as `schemas/` is after the change, with the changed schema alone. Gives its path.
    func write(below directory: TemporaryDirectory) throws -> String {
        let files = FileManager.default
        let folder = directory.file(name.replacing(" ", with: "-"))
        try files.createDirectory(atPath: "\(folder)/released", withIntermediateDirectories: true)
        let released = SchemaFolder.url.appending(path: "released/\(schema).json").path
        if files.fileExists(atPath: released) {
            try files.copyItem(atPath: released, toPath: "\(folder)/released/\(schema).json")
        }
        if examples.isEmpty {
            try files.createSymbolicLink(
                atPath: "\(folder)/examples",
                withDestinationPath: SchemaFolder.url.appending(path: "examples").path
            )
        } else {
            try files.createDirectory(
                atPath: "\(folder)/examples/\(schema)/valid",
                withIntermediateDirectories: true
            )
            for (name, text) in examples {
                try Data(text.utf8).write(to: URL(filePath: "\(folder)/examples/\(schema)/valid/\(name).json"))
            }
        }
        let before: Any = try SchemaFolder.schema(schema)
        let after = try edits.reduce(before) { try $1.applied(to: $0) }
        let data = try JSONSerialization.data(withJSONObject: after, options: .sortedKeys)
        try data.write(to: URL(filePath: "\(folder)/\(schema).schema.json"))
        return folder
    }
}
