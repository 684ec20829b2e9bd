import Foundation
import NotionEvents
import NotionWebhooks
import TestSupport
import Testing

/// Structured mode beside binary mode: the same event, and the attributes in the value as well.
@Suite
struct ContentModeTests {
    private static func structured(_ value: String) throws -> Event { try Event(Array(value.utf8)) }

    private static func members(_ text: String) throws -> [String: String] {
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return (object ?? [:]).compactMapValues { $0 as? String }
    }

    @Test(arguments: NotionPayload.events)
    func `the value is the event among the attributes, and all headers but one are the same`(
        payload: NotionPayload
    ) throws {
        let binary = try FilledRecord(payload.body)
        let structured = try FilledRecord(payload.body, mode: .structured)
        #expect(structured.key == binary.key)
        #expect(structured.eventID == binary.eventID)
        #expect(structured.headers["content-type"] == "application/cloudevents+json; charset=UTF-8")
        var headers = structured.headers
        headers["content-type"] = "application/json"
        #expect(headers == binary.headers)

        #expect(structured.text.hasPrefix(#"{"specversion":"1.0","id":""#))
        #expect(structured.text.hasSuffix(#","datacontenttype":"application/json","data":\#(binary.text)}"#))
        var attributes = try Self.members(structured.text)
        #expect(attributes.removeValue(forKey: "datacontenttype") == "application/json")
        let expected = binary.headers.filter { $0.key.hasPrefix("ce_") }
        #expect(
            attributes == Dictionary(uniqueKeysWithValues: expected.map { (String($0.key.dropFirst(3)), $0.value) })
        )
        #expect(try Event(structured.value) == Event(binary.value))
    }

    @Test
    func `attributes with quotes, escapes and letters beyond ASCII are written as JSON`() throws {
        let body = Array(#"{"id":"a\"b\\c é","type":"page.\"x","entity":{"id":"x\\","type":"pä\"ge"}}"#.utf8)
        let event = try FilledRecord(body)
        let structured = try FilledRecord(body, mode: .structured)
        let members = try Self.members(structured.text)
        #expect(members["id"] == event.headers["ce_id"])
        #expect(members["subject"] == event.headers["ce_subject"])
        #expect(members["type"] == event.headers["ce_type"])
    }

    @Test
    func `any delivery is the same event in both modes, with the buffers of the one before`() throws {
        var random = SeededGenerator()
        var binary = EventRecord()
        var structured = EventRecord(mode: .structured)
        var count = 0
        for _ in 0..<500 {
            let body = RandomDelivery(&random).body(&random).bytes
            guard let one = try? FilledRecord(body, in: &binary) else { continue }
            let other = try FilledRecord(body, in: &structured)
            #expect(try Event(one.value) == Event(other.value), "\(random) \(String(body))")
            #expect(throws: Never.self, "\(random) \(other.text)") { try Self.members(other.text) }
            count += 1
        }
        #expect(count > 200)
    }

    @Test
    func `whatever is as deep as a delivery may be is read in both modes, wherever it lies`() throws {
        for member in ["later", "data", "authors"] {
            func delivery(_ depth: Int) -> [UInt8] {
                let value = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                return Array(#"{"id":"e","entity":{"id":"x"},"\#(member)":\#(value)}"#.utf8)
            }
            #expect(throws: DeliveryError.tooDeep) { try FilledRecord(delivery(512)) }
            for mode in ContentMode.allCases {
                let record = try FilledRecord(delivery(511), mode: mode)
                #expect(throws: Never.self, "\(member), \(mode)") { try Event(record.value) }
            }
        }
        let deeper = String(repeating: "[", count: 514)
        #expect(throws: EventError.tooDeep) { try Self.structured(#"{"data":\#(deeper)"#) }
    }

    @Test
    func `a CloudEvent is read whatever the order of its members, and what it holds is checked`() throws {
        let event = #"{"id":"e","type":"page.created","entity":{"type":"page","id":"p"}}"#
        let read = [
            #"{"specversion":"1.0","data":\#(event)}"#,
            #"{"data":\#(event),"attempt":"1","type":7,"later":[{}],"specversion":"1.0"}"#,
            #"{"specversion":"1.1","id":"other","type":"com.notion.page.created","data":\#(event)}"#,
            #"{"specversion":null,"id":"e","type":"page.created","entity":{"id":"p","type":"page"}}"#,
        ]
        for value in read {
            #expect(try Self.structured(value).entity == Event.Reference(type: "page", id: "p"), "\(value)")
            #expect(try Self.structured(value).id == "e", "\(value)")
        }
        let refused: [(value: String, error: EventError)] = [
            (#"{"specversion":"1.0"}"#, .missing("data")),
            (#"{"specversion":"1.0","data":null}"#, .missing("data")),
            (#"{"specversion":"1.0","data_base64":"e30="}"#, .missing("data")),
            (#"{"specversion":"1.0","data":"text"}"#, .notAnObject),
            (#"{"specversion":"1.0","data":{"id":"e","type":"t"}}"#, .missing("entity.id")),
            (#"{"specversion":"1.0","data":{"id":"e","type":"t","entity":{"id":7}}}"#, .wrongType("entity.id")),
            (#"{"specversion":"1.0","specversion":"1.0","data":\#(event)}"#, .duplicateKey),
            (
                #"{"specversion":"1.0","data":{"specversion":"1.0","id":"e","type":"t","data":\#(event)}}"#,
                .missing("entity.id")
            ),
            (#"{"specversion":"1.0","data":\#(event)"#, .notJSON),
        ]
        for (value, error) in refused {
            #expect(throws: error, "\(value)") { try Self.structured(value) }
        }
    }
}
