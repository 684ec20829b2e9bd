import NotionWebhooks
import TestSupport
import Testing

@Suite
struct DeliveryTests {
    /// The error that a body gives, nil if it is understood.
    private func error(_ body: [UInt8]) -> DeliveryError? {
        do throws(DeliveryError) {
            _ = try Delivery(decoding: body.span).typeIndex
            return nil
        } catch {
            return error
        }
    }

    private func error(_ body: String) -> DeliveryError? { error(Array(body.utf8)) }

    /// A delivery with nothing but what is required, and more members in front.
    private func minimal(_ members: String = "") -> String {
        #"{\#(members)"id":"e","entity":{"id":"x"}}"#
    }

    @Test(arguments: NotionPayload.events)
    func `every fixture is understood`(fixture: NotionPayload) throws {
        let delivery = try Delivery(decoding: fixture.body.span)
        let type = fixture.name.replacing(".json", with: "").split(separator: "--").first ?? ""
        #expect(delivery.type.name == type)
        #expect(delivery.typeIndex < 31)
        #expect(delivery.fields.unknown.isEmpty)
        #expect(delivery.eventID.count == 36)
        #expect(delivery.entityID.count == 36)
        #expect(delivery.subscriptionID == "2e5d1674-a7fc-885c-9614-6628d42f7f79")
        #expect(delivery.entityType != nil)
    }

    @Test(arguments: [
        ("", DeliveryError.notJSON),
        ("\0", .notJSON),
        ("hello", .notJSON),
        ("{", .notJSON),
        (#"{"id":"e","entity":{"id":"x"}}}"#, .notJSON),
        (#"{"id":"a\#u{0}b","entity":{"id":"x"}}"#, .notJSON),
        ("[]", .notAnObject),
        (#"[{"id":"e","entity":{"id":"x"}}]"#, .notAnObject),
        ("null", .notAnObject),
        ("5", .notAnObject),
        (#""text""#, .notAnObject),
        ("{}", .missingEventID),
        (#"{"entity":{"id":"x"}}"#, .missingEventID),
        (#"{"id":"","entity":{"id":"x"}}"#, .missingEventID),
        (#"{"id":null,"entity":{"id":"x"}}"#, .missingEventID),
        (#"{"id":5,"entity":{"id":"x"}}"#, .missingEventID),
        (#"{"id":"e"}"#, .missingEntityID),
        (#"{"id":"e","entity":null}"#, .missingEntityID),
        (#"{"id":"e","entity":"x"}"#, .missingEntityID),
        (#"{"id":"e","entity":{"type":"page"}}"#, .missingEntityID),
        (#"{"id":"e","entity":{"id":["x"]}}"#, .missingEntityID),
        (#"{"id":"e","entity":{"id":""}}"#, .missingEntityID),
        (#"{"id":"\ud800","entity":{"id":"x"}}"#, .loneSurrogate),
        (#"{"id":"e","entity":{"id":"x\udfff"}}"#, .loneSurrogate),
        (#"{"id":"e","entity":{"id":"x","type":"page\udfff\n"}}"#, .loneSurrogate),
        (#"{"id":"e","entity":{"id":"x"},"type":"page.\ud83d\u0041"}"#, .loneSurrogate),
        (#"{"id":"e","entity":{"id":"x"},"workspace_id":"\ud83d"}"#, .loneSurrogate),
        (#"{"id":"e","entity":{"id":"x"},"subscription_id":"\ud83d"}"#, .loneSurrogate),
        (#"{"id":"e","entity":{"id":"x"},"data":{"page_id":"\ud83d"}}"#, .loneSurrogate),
        (#"{"id":"a\nb","entity":{"id":"x"}}"#, .malformedIdentifier),
        (#"{"id":"e","entity":{"id":"x\u0000"}}"#, .malformedIdentifier),
        (#"{"id":"e","entity":{"id":"x"},"type":"page\r\n"}"#, .malformedIdentifier),
        ("{\"id\":\"e\",\"entity\":{\"id\":\"x\u{7F}\"}}", .malformedIdentifier),
        ("{\"id\":\"e\",\"entity\":{\"id\":\"x\u{85}\"}}", .malformedIdentifier),
        (#"{"id":"e","entity":{"id":"x"},"workspace_id":"\t"}"#, .malformedIdentifier),
    ])
    func `what cannot be understood says why`(body: String, reason: DeliveryError) {
        #expect(error(body) == reason)
    }

    @Test
    func `invalid UTF-8 says so wherever it stands in a string`() {
        for place in ["id", "workspace_name", "later", "data"] {
            let body = Array(#"{"\#(place)":""#.utf8) + [0xC3, 0x28] + Array(#"","entity":{"id":"x"}}"#.utf8)
            #expect(error(body) == .invalidUTF8)
        }
    }

    @Test(arguments: [
        #"{"id":"e","id":"e","entity":{"id":"x"}}"#,
        #"{"id":"e","\u0069d":"f","entity":{"id":"x"}}"#,
        #"{"id":null,"id":"e","entity":{"id":"x"}}"#,
        #"{"id":"e","entity":{"id":"x"},"entity":{"id":"y"}}"#,
        #"{"id":"e","entity":{"id":"x","id":"y"}}"#,
        #"{"id":"e","entity":{"id":"x"},"type":"a","type":"a"}"#,
        #"{"id":"e","entity":{"id":"x","id":null}}"#,
        #"{"id":"e","entity":{"id":"x","type":"page","type":"page"}}"#,
        #"{"id":"e","entity":{"id":"x"},"workspace_id":"a","workspace_id":"b"}"#,
        #"{"id":"e","entity":{"id":"x"},"subscription_id":"a","subscription_id":"b"}"#,
        #"{"id":"e","entity":{"id":"x"},"integration_id":"a","integration_id":"b"}"#,
        #"{"id":"e","entity":{"id":"x"},"data":{"page_id":"a","page_id":"b"}}"#,
    ])
    func `what says which event it is must not come twice`(body: String) {
        #expect(error(body) == .duplicateKey)
    }

    @Test
    func `what is passed on verbatim may hold anything twice`() {
        #expect(error(minimal(#""data":{"a":1,"a":2},"later":1,"later":{"b":1,"b":2},"#)) == nil)
    }

    @Test
    func `nesting is limited in all`() {
        func nested(_ depth: Int) -> String {
            let value = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return minimal(#""data":\#(value),"#)
        }
        #expect(error(nested(511)) == nil)
        #expect(error(nested(512)) == .tooDeep)
        #expect(error(nested(10_000)) == .tooDeep)
    }

    @Test
    func `size alone is no reason`() {
        let text = String(repeating: "x", count: 1_000_000)
        let number = String(repeating: "9", count: 10_000)
        #expect(error(minimal(#""workspace_name":"\#(text)","data":{"text":"\#(text)","number":-\#(number)},"#)) == nil)
    }

    @Test
    func `what becomes a header has a limit`() {
        func id(_ count: Int) -> String { String(repeating: "i", count: count) }
        #expect(error(#"{"id":"\#(id(256))","entity":{"id":"\#(id(256))"}}"#) == nil)
        #expect(error(#"{"id":"\#(id(257))","entity":{"id":"x"}}"#) == .malformedIdentifier)
        #expect(error(#"{"id":"e","entity":{"id":"\#(id(257))"}}"#) == .malformedIdentifier)
        #expect(error(minimal(#""type":"\#(id(257))","#)) == .malformedIdentifier)
        #expect(error(minimal(#""timestamp":"\#(id(257))","#)) == nil, "it is no time, so it becomes no header")
    }

    @Test
    func `16,384 unknown members pass and no more`() {
        func members(_ count: Int) -> String { (0..<count).map { #""m\#($0)":\#($0),"# }.joined() }
        #expect(error(minimal(members(16_384))) == nil)
        #expect(error(minimal(members(16_385))) == .tooManyMembers)
    }

    @Test
    func `a delivery without a type is of the type unknown`() throws {
        for type in ["", #""type":null,"#, #""type":7,"#, #""type":"","#] {
            let body = Array(minimal(type).utf8)
            let delivery = try Delivery(decoding: body.span)
            #expect(delivery.type.name == "unknown")
            #expect(delivery.typeIndex == 31)
        }
    }

    @Test
    func `members of another shape go to the unknown ones`() throws {
        let members = #"""
            "attempt_number":"1","authors":[{"id":"a","type":"person","name":"Ada"}],"api_version":5,"timestamp":[],
            """#
        let body = Array(minimal(members).utf8)
        let delivery = try Delivery(decoding: body.span)
        let names = delivery.fields.unknown.map { body.span.text($0.name) }
        #expect(names == ["attempt_number", "authors", "api_version", "timestamp"])
        #expect(!delivery.fields.attempt.isPresent)
        #expect(delivery.fields.authors.isPresent)
    }

    @Test(arguments: ["1e2", "-1", "1.0", "1234567890", #""3""#, "true", "{}"])
    func `an attempt is a count of up to nine digits`(attempt: String) throws {
        let body = Array(minimal(#""attempt_number":\#(attempt),"#).utf8)
        let delivery = try Delivery(decoding: body.span)
        #expect(!delivery.fields.attempt.isPresent)
        #expect(delivery.fields.unknown.count == 1)
    }

    @Test
    func `reasons are words for a header`() {
        for reason in DeliveryError.allCases {
            #expect(reason.rawValue.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" })
        }
    }
}
