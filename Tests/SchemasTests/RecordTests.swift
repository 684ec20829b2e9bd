import Foundation
import NotionEvents
import NotionWebhooks
import Simulator
import TestSupport
import Testing

/// What is published, held against the schemas.
@Suite(.needsPython(with: "jsonschema"))
struct RecordTests {
    private static let event = EventRecord.dataSchema
    private static let structuredEvent = SchemaFolder.ids["notion-event-structured.v1"] ?? ""

    @Test
    func `every golden record's value is valid`() async throws {
        let folder = SchemaFolder.repository.appending(path: "Tests/NotionEventsTests/Golden")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let documents = try names.map { name in
            let parts = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                .components(separatedBy: "\n\n")
            return SchemaValidator.Document(schema: Self.event, text: try #require(parts.last))
        }
        #expect(documents.count == 40)
        for (name, verdict) in zip(names, try await SchemaValidator.verdicts(documents)) {
            #expect(verdict == nil, "\(name): \(verdict ?? "")")
        }
    }

    @Test
    func `whatever the simulator makes is valid before and after, and decodes to itself`() async throws {
        var random = SeededGenerator()
        let factory = DeliveryFactory(seed: random.next(), entities: 240, startingAt: 1_791_277_200_000)
        let made = (0..<400).map { factory.delivery(at: $0) }
        let rare = DeliveryType.known.enumerated().compactMap { factory.delivery(ofType: $1, at: 400 + $0) }
        #expect(rare.count == DeliveryType.known.count)
        let bodies = (made + rare).map { $0.body(attempt: Int.random(in: 1...8, using: &random)) }
        let delivery = try #require(SchemaFolder.ids["notion-delivery"])
        var documents: [SchemaValidator.Document] = []
        for body in bodies {
            let published = try PublishedEvent(body)
            #expect(try published.decoded() == ExpectedEvent.of(body), "\(random) \(published.text)")
            documents.append(.init(schema: delivery, text: String(decoding: body, as: UTF8.self)))
            documents.append(.init(schema: Self.event, text: published.text))
            let structured = try PublishedEvent(body, mode: .structured)
            #expect(try structured.decoded() == published.decoded(), "\(random) \(structured.text)")
            documents.append(.init(schema: Self.structuredEvent, text: structured.text))
        }
        for (document, verdict) in zip(documents, try await SchemaValidator.verdicts(documents)) {
            #expect(verdict == nil, "\(random) \(verdict ?? ""): \(document.text)")
        }
    }

    @Test
    func `deliveries as odd as we take them still give valid events`() async throws {
        let odd = [
            #"{"id":"e","entity":{"id":"x"}}"#,
            #"{"id":"e","entity":{"id":"x","type":null},"type":"page.created","data":7,"authors":[{},5,null]}"#,
            #"{"id":"e","entity":{"id":"x"},"type":"","timestamp":"","attempt_number":0,"accessible_by":[]}"#,
            #"{"id":"e","entity":{"id":"x"},"attempt_number":-1,"authors":{},"workspace_name":[1],"timestamp":3}"#,
            #"{"id":"e","entity":{"id":"x"},"data":{"parent":{"data_source_id":"d"},"page_id":""}}"#,
            #"{"id":"e","entity":{"id":"x"},"data":{"parent":{"type":"page"},"updated_fields":["name",1,null]}}"#,
            #"{"id":"e","entity":{"id":"x"},"data":{"updated_properties":["",{"id":"%"},{"name":"n"},2],"parent":[]}}"#,
            #"{"id":"e","entity":{"id":"x"},"attempt_number":1e1,"data":{"updated_blocks":[{"id":null},"b"]}}"#,
        ]
        let documents = try odd.map { body in
            let published = try PublishedEvent(Array(body.utf8))
            _ = try published.decoded()
            return SchemaValidator.Document(schema: Self.event, text: published.text)
        }
        for (document, verdict) in zip(documents, try await SchemaValidator.verdicts(documents)) {
            #expect(verdict == nil, "\(verdict ?? ""): \(document.text)")
        }
    }

    @Test
    func `a dead letter's headers are valid for each reason, signed or not`() async throws {
        var documents: [SchemaValidator.Document] = []
        for reason in DeliveryError.allCases {
            for isSigned in [true, false] {
                let headers = try DeadLetterHeaders.of(reason, isSigned: isSigned)
                let text = String(decoding: try JSONEncoder().encode(headers), as: UTF8.self)
                documents.append(.init(schema: try #require(SchemaFolder.ids["dead-letter.v1"]), text: text))
            }
        }
        for (document, verdict) in zip(documents, try await SchemaValidator.verdicts(documents)) {
            #expect(verdict == nil, "\(verdict ?? ""): \(document.text)")
        }
    }
}
