import Foundation
import NotionEvents
import TestSupport
import Testing

/// An independent implementation of CloudEvents (Kafka binding, both modes) reads our records as we mean them.
@Suite(.needsPython(with: "cloudevents"))
struct CloudEventsTests {
    /// Our header of each attribute; the others are extensions of ours under the same names.
    private static func expected(_ record: FilledRecord) -> [String: String] {
        var attributes: [String: String] = [:]
        for (name, value) in record.headers where name.hasPrefix("ce_") {
            attributes[String(name.dropFirst(3))] = value
        }
        attributes["datacontenttype"] = "application/json"
        return attributes
    }

    private func same(_ one: String, _ other: String) throws -> Bool {
        func object(_ text: String) throws -> NSObject? {
            try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed]) as? NSObject
        }
        return try object(one) == object(other)
    }

    @Test(arguments: [KeyStrategy.entity, .page, .workspace])
    func `every payload's record is read as the event that it is`(key: KeyStrategy) async throws {
        let records = try NotionPayload.events.map { try FilledRecord($0.body, key: key) }
        let readings = try await CloudEventsReader.read(records)
        try #require(readings.count == records.count)
        for (index, reading) in readings.enumerated() {
            let name = NotionPayload.events[index].name
            #expect(reading.refused == nil, "\(name)")
            #expect(reading.attributes == Self.expected(records[index]), "\(name)")
            #expect(reading.attributes?["partitionkey"] == records[index].key, "\(name)")
            #expect(try same(reading.data ?? "", records[index].text), "\(name)")
        }
    }

    @Test
    func `in structured mode every payload's record is read as the same event`() async throws {
        let binary = try NotionPayload.events.map { try FilledRecord($0.body) }
        let structured = try NotionPayload.events.map { try FilledRecord($0.body, mode: .structured) }
        let readings = try await CloudEventsReader.read(structured)
        try #require(readings.count == structured.count)
        for (index, reading) in readings.enumerated() {
            let name = NotionPayload.events[index].name
            #expect(reading.refused == nil, "\(name)")
            #expect(reading.attributes == Self.expected(binary[index]), "\(name)")
            #expect(try same(reading.data ?? "", binary[index].text), "\(name)")
        }
    }

    @Test(arguments: ContentMode.allCases)
    func `records of odd deliveries are read too, with what people typed`(mode: ContentMode) async throws {
        var random = SeededGenerator()
        let records = (0..<300).compactMap { _ in
            try? FilledRecord(RandomDelivery(&random).body(&random).bytes, mode: mode)
        }
        try #require(records.count > 100)
        for (reading, record) in zip(try await CloudEventsReader.read(records), records) {
            #expect(reading.refused == nil, "\(random) \(record.headers)")
            #expect(reading.attributes?["id"] == record.headers["ce_id"], "\(random)")
            #expect(reading.attributes?["source"] == record.headers["ce_source"], "\(random)")
            #expect(reading.attributes?["subject"] == record.headers["ce_subject"], "\(random)")
        }
    }
}

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
