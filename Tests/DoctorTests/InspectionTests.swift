import Doctor
import Foundation
import NotionEvents
import NotionWebhooks
import TestSupport
import Testing

/// Each of Notion's payloads, and bodies that are new to us.
@Suite
struct InspectionTests {
    private let token: VerificationToken

    init() throws {
        token = try #require(VerificationToken(NotionPayload.tokenText))
    }

    private func inspect(_ body: [UInt8], _ signature: String? = nil, mode: ContentMode = .binary) -> Inspection {
        Inspection(body, signature: signature, tokens: [token], key: .entity, mode: mode, now: 1_790_000_000_000)
    }

    @Test
    func `every payload of Notion's verifies, is known and has nothing new`() throws {
        #expect(NotionPayload.all.count == 41)
        for payload in NotionPayload.all {
            let name = payload.name
            let inspection = inspect(payload.body, payload.signature)
            #expect(inspection.isAccepted, "\(name)")
            #expect(inspection.signature == .right(fingerprint: token.fingerprint), "\(name)")
            switch inspection.content {
            case .handshake: #expect(name == "handshake.json")
            case .notUnderstood(let error): Issue.record("\(name): \(error)")
            case .event(let facts):
                #expect(facts.isKnownType && name.hasPrefix(facts.type), "\(name)")
                #expect(facts.unknownMembers.isEmpty && facts.unknownDataMembers.isEmpty, "\(name): \(facts)")
                #expect(facts.headers.count == 12, "\(name)")
            }
        }
    }

    @Test
    func `in structured mode the record is a CloudEvent, and what is new is named all the same`() throws {
        let body = #"{"id":"e1","type":"page.painted","entity":{"id":"p1"},"data":{"colour":"red"}}"#
        guard case .event(let facts) = inspect(Array(body.utf8), mode: .structured).content else {
            Issue.record("no event")
            return
        }
        #expect(facts.unknownDataMembers == ["colour"])
        #expect(facts.value.hasPrefix(#"{"specversion":"1.0","id":"e1","#))
        #expect(try Event(value: Array(facts.value.utf8).span).id == "e1")
    }

    @Test
    func `unknown members and types are named`() throws {
        let body =
            #"{"id":"e1","type":"page.painted","entity":{"id":"p1","type":"page"},"mood":"blue","#
            + #""data":{"parent":{"id":"x","type":"page"},"colour":"\ud83d","brush":1e400}}"#
        let inspection = inspect(Array(body.utf8))
        guard case .event(let facts) = inspection.content else {
            Issue.record("no event: \(inspection)")
            return
        }
        #expect(!facts.isKnownType && facts.isAggregated == nil)
        #expect(facts.unknownMembers == ["mood"])
        #expect(facts.unknownDataMembers == ["brush", "colour"])
        let lines = inspection.lines(topic: "notion.events.v1")
        #expect(lines.contains("type       page.painted: not one of Notion's 31; it is published all the same"))
        #expect(lines.contains("unknown    mood: kept in the event's member unknown"))
        #expect(lines.contains("outcome    published (200), if its signature is right"))
        #expect(lines.contains("record     in notion.events.v1, key p1"))
    }

    @Test(arguments: [
        ("nonsense", DeliveryError.notJSON), ("[]", .notAnObject), ("{}", .missingEventID),
        (#"{"id":"x","type":"page.created"}"#, .missingEntityID),
    ])
    func `a body that would be a dead letter says its reason`(text: String, reason: DeliveryError) {
        let inspection = inspect(Array(text.utf8))
        #expect(inspection.content == .notUnderstood(reason))
        #expect(!inspection.isAccepted)
        #expect(inspection.lines(topic: "t").last?.contains("reason \(reason.rawValue)") == true)
    }

    @Test
    func `a handshake is named by its fingerprint, and its token appears nowhere`() throws {
        let body = Array(#"{"verification_token":"secret_new"}"#.utf8)
        let new = try #require(VerificationToken("secret_new"))
        let inspection = inspect(body, Signature.sign(body.span, with: new))
        #expect(inspection.content == .handshake(fingerprint: new.fingerprint))
        #expect(inspection.isAccepted)
        #expect(!inspection.lines(topic: "t").joined().contains("secret_new"))
        #expect(!inspect(body, Signature.sign(body.span, with: token)).isAccepted, "signed by another token")
    }
}
