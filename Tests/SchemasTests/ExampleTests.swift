import Foundation
import NotionEvents
import NotionWebhooks
import TestSupport
import Testing

/// The examples, read by an independent validator and by our own code.
struct ExampleTests {
    @Test(.needsPython(with: "jsonschema"), arguments: SchemaFolder.ids.keys.sorted())
    func `the validator takes every valid example and refuses every invalid one`(schema: String) async throws {
        let valid = try SchemaFolder.examples(of: schema, areValid: true)
        let invalid = try SchemaFolder.examples(of: schema, areValid: false)
        let verdicts = try await SchemaValidator.verdicts((valid + invalid).map(\.document))
        for (example, verdict) in zip(valid, verdicts) {
            #expect(verdict == nil, "\(schema)/valid/\(example.name): \(verdict ?? "")")
        }
        for (example, verdict) in zip(invalid, verdicts.dropFirst(valid.count)) {
            #expect(verdict != nil, "\(schema)/invalid/\(example.name)")
        }
    }

    @Test
    func `our decoder takes every valid event and refuses every invalid one`() throws {
        for schema in ["notion-event.v1", "notion-event-structured.v1"] {
            for example in try SchemaFolder.examples(of: schema, areValid: true) {
                #expect(throws: Never.self, "\(example.name)") { try Event(value: example.bytes.span) }
            }
            // Of the attributes around an event none is read.
            for example in try SchemaFolder.examples(of: schema, areValid: false) where example.kind != "attributes" {
                #expect(throws: EventError.self, "\(example.name)") { try Event(value: example.bytes.span) }
            }
        }
    }

    @Test
    func `a structured example is the event's example of the same name between its attributes`() throws {
        let events = try SchemaFolder.examples(of: "notion-event.v1", areValid: true)
        var count = 0
        for example in try SchemaFolder.examples(of: "notion-event-structured.v1", areValid: true) {
            guard let event = events.first(where: { $0.name == example.name }) else { continue }
            let object = try #require(try json(example.bytes) as? NSDictionary)
            #expect(object["data"] as? NSObject == (try json(event.bytes)), "\(example.name)")
            count += 1
        }
        #expect(count == 3)
    }

    @Test
    func `a delivery's example becomes the event's example of the same name`() throws {
        let deliveries = try SchemaFolder.examples(of: "notion-delivery", areValid: true)
        let events = try SchemaFolder.examples(of: "notion-event.v1", areValid: true)
        #expect(Set(DeliveryType.known).isSubset(of: deliveries.map(\.name)))
        for delivery in deliveries where delivery.kind != "handshake" {
            let event = try #require(events.first { $0.name == delivery.name }, "\(delivery.name)")
            #expect(try json(PublishedEvent(delivery.bytes).value) == json(event.bytes), "\(delivery.name)")
        }
    }

    @Test
    func `no invalid delivery becomes an event, and no invalid handshake is one`() throws {
        for example in try SchemaFolder.examples(of: "notion-delivery", areValid: false) {
            if example.kind == "handshake" { #expect(!isHandshake(example), "\(example.name)") }
            #expect(throws: DeliveryError.self, "\(example.name)") { try PublishedEvent(example.bytes) }
        }
    }

    @Test
    func `the handshake among the deliveries is recognised`() throws {
        let examples = try SchemaFolder.examples(of: "notion-delivery", areValid: true)
        #expect(examples.filter(isHandshake).map(\.name) == ["handshake"])
    }

    private func isHandshake(_ example: SchemaExample) -> Bool {
        let delivery = UntrustedDelivery(body: example.bytes.span, signature: nil, signatureCount: 0)
        return Handshake.recognise(delivery) != nil
    }
}
