import Foundation
import TestSupport
import Testing

/// The record of every payload, byte by byte. `UPDATE_GOLDEN=1` writes the files anew.
@Suite
struct GoldenTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    @Test
    func `all payloads are there`() {
        #expect(NotionPayload.events.count == 40)
    }

    @Test(arguments: NotionPayload.events)
    func `a payload's key, headers and value are as they always were`(payload: NotionPayload) throws {
        let record = try FilledRecord(payload.body)
        let headers = record.headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined()
        let text = "key: \(record.key)\ntype: \(record.typeIndex)\n\(headers)\n\(record.text)\n"
        let name = payload.name.replacing(".json", with: ".golden")
        let golden = Self.folder.appending(path: name)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try text.write(to: golden, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: golden, encoding: .utf8) == text)
    }

    @Test(arguments: NotionPayload.events)
    func `data is Notion's own, byte by byte`(payload: NotionPayload) throws {
        let record = try FilledRecord(payload.body)
        let body = String(payload.body)
        let data = body.components(separatedBy: #","data":"#).dropFirst().first.map { String($0.dropLast()) }
        #expect(record.text.hasSuffix(#""data":\#(data ?? "null")}"#))
    }
}
