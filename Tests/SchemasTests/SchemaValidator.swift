import Foundation
import TestSupport
import Testing

/// Python's jsonschema, which is none of ours: one run for many documents.
enum SchemaValidator {
    /// A text, and the id of the schema that it is held against.
    struct Document {
        let schema: String
        let text: String
    }

    struct Failure: Error {
        let reason: String
    }

    /// Python with the validator, in an environment that `make test` sets up.
    static var python: String? {
        ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_PYTHON"].flatMap {
            FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil
        }
    }

    /// For each document nil if it is valid, else the first reason why not.
    static func verdicts(_ documents: [Document]) throws -> [String?] {
        guard let python else { throw Failure(reason: "no Python") }
        let directory = try TemporaryDirectory("schemas")
        let encoder = JSONEncoder()
        let lines = try documents.map { try String(decoding: encoder.encode([$0.schema, $0.text]), as: UTF8.self) }
        try directory.write(lines.joined(separator: "\n"), to: "documents")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "validate.py")
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-I", script.path, SchemaFolder.url.path, directory.file("documents")]
        process.standardOutput = output
        try process.run()
        let answer = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(reason: "validate.py failed, see above") }
        let verdicts = try JSONDecoder().decode([String?].self, from: answer)
        guard verdicts.count == documents.count else { throw Failure(reason: "not one verdict for each document") }
        return verdicts
    }
}

extension Trait where Self == ConditionTrait {
    static var needsSchemaValidator: Self {
        .enabled(if: SchemaValidator.python != nil, "there is no Python with jsonschema: run it with `make test`")
    }
}
