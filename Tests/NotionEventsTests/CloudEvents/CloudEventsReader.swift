import Foundation
import TestSupport

/// CloudEvents' SDK for Python, in a process of its own.
enum CloudEventsReader {
    /// What it makes of a record.
    struct Reading: Decodable {
        let attributes: [String: String]?
        /// The data, written again as JSON.
        let data: String?
        let refused: String?
    }

    struct Failure: Error {
        let reason: String
    }

    private struct Line: Encodable {
        let headers: [String: String]
        let key: String
        let value: String

        init(_ record: FilledRecord) {
            headers = record.headers
            key = record.key
            value = record.text
        }
    }

    static func read(_ records: [FilledRecord]) async throws -> [Reading] {
        guard let python = TestPython.path else { throw Failure(reason: "no Python") }
        let folder = FileManager.default.temporaryDirectory
        let file = folder.appending(path: "cloudevents-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        let encoder = JSONEncoder()
        let lines = try records.map { record in
            String(decoding: try encoder.encode(Line(record)), as: UTF8.self) + "\n"
        }
        try Data(lines.joined().utf8).write(to: file)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "read_events.py")
        let reading = try await FinishedProcess.run(python, ["-I", script.path, file.path], within: .seconds(120))
        let decoder = JSONDecoder()
        return try reading.output.map { try decoder.decode(Reading.self, from: Data($0.utf8)) }
    }
}
