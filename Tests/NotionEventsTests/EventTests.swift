import NotionEvents
import TestSupport
import Testing

@Suite
struct EventTests {
    private func error(_ value: String) -> EventError? {
        do throws(EventError) {
            _ = try Event(Array(value.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test
    func `an event's fields are what the value says`() throws {
        let payload = try #require(NotionPayload.named("page.properties_updated.json"))
        let event = try Event(FilledRecord(payload.body).value)
        #expect(event.id == "a3621519-b5af-4d97-89db-066f2b194430")
        #expect(event.type == "page.properties_updated")
        #expect(event.occurredAt == "2026-10-06T09:02:47.713Z")
        #expect(event.attempt == 1)
        #expect(event.apiVersion == "2026-03-11")
        #expect(event.workspace == .init(id: "b2cd3173-5274-46d6-b7e7-82b085abaed1", name: "Harbour Studio"))
        #expect(event.entity == .init(type: "page", id: "260d1674-a7fc-860c-864a-6c92d520ef8b"))
        #expect(event.parent?.type == "data_source")
        #expect(event.parent?.databaseID == "2a8b1674-a7fc-86a5-afb8-bd9941f62038")
        #expect(event.authors == [.init(type: "person", id: "754f9a57-3a6c-495f-99ea-b9b402779faa")])
        #expect(event.aggregated == true)
        #expect(event.changes.properties == [.init(id: "title"), .init(id: "Zq?m"), .init(id: "{tKa")])
        #expect(event.unknown == nil)
    }

    @Test(arguments: [
        ("", EventError.notJSON), ("{", .notJSON), ("[]", .notAnObject), ("null", .notAnObject),
        (#"{"id":"a","id":"b"}"#, .duplicateKey),
        (#"{"entity":{"id":"a","id":"b"}}"#, .duplicateKey), ("{}", .missing("id")),
        (#"{"id":"e"}"#, .missing("type")), (#"{"id":"e","type":"t"}"#, .missing("entity.id")),
        (#"{"id":"e","type":"t","entity":{"id":null}}"#, .missing("entity.id")),
        (#"{"id":5,"type":"t","entity":{"id":"x"}}"#, .wrongType("id")),
        (#"{"id":"e","type":"t","entity":[]}"#, .wrongType("entity")),
        (#"{"id":"e","type":"t","entity":{"id":"x"},"attempt":1.5}"#, .wrongType("attempt")),
        (#"{"id":"e","type":"t","entity":{"id":"x"},"attempt":99999999999999999999}"#, .wrongType("attempt")),
        (#"{"id":"e","type":"t","entity":{"id":"x"},"authors":[5]}"#, .wrongType("authors")),
        (#"{"id":"e","type":"t","entity":{"id":"x"},"aggregated":0}"#, .wrongType("aggregated")),
        (#"{"id":"e","type":"t","entity":{"id":"x"},"parent":""}"#, .wrongType("parent")),
        (#"{"id":"e","type":"t","entity":{"id":"x"},"changes":{"fields":[1]}}"#, .wrongType("changes.fields")),
        (#"{"id":5"#, .notJSON),
    ])
    func `what is not event v1 says why`(value: String, reason: EventError) {
        #expect(error(value) == reason)
    }

    @Test
    func `nesting is limited`() {
        #expect(error(String(repeating: "[", count: 10_000)) == .tooDeep)
    }

    @Test
    func `members of a later edition are passed over`() throws {
        let value = #"{"later":{"a":[1]},"id":"e","type":"t","entity":{"id":"x","later":1},"data":{"a":[1 , 2]}}"#
        let event = try Event(Array(value.utf8))
        #expect(event.entity.id == "x")
        #expect(text(event.data) == #"{"a":[1 , 2]}"#)
    }
}
