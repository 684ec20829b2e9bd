import NotionEvents
import Pages
import TestSupport
import Testing

@Suite
struct PageStoreTests {
    private let directory: TemporaryDirectory
    private let file: String

    init() throws {
        directory = try TemporaryDirectory("pages")
        file = directory.file("pages.sqlite")
    }

    private func event(_ type: String, _ occurredAt: String?, page: String = "p", parent: String? = nil) -> Event {
        var event = Event(id: "", type: type, entity: Event.Reference(type: "page", id: page))
        event.occurredAt = occurredAt
        event.parent = parent.map { Event.Parent(type: "page", id: $0) }
        return event
    }

    @Test
    func `a page has a row with what its newest event said`() async throws {
        let store = try PageStore(file)
        try await store.apply(event("page.created", "2026-01-01T00:00:00.000Z", parent: "q"), id: "1")
        try await store.apply(event("page.content_updated", "2026-01-01T00:00:01.000Z"), id: "2")
        let row = try #require(try await store.page("p"))
        #expect(row.parentType == "page" && row.parentID == "q" && !row.isDeleted && row.events == 2)
        #expect(row.lastType == "page.content_updated" && row.lastOccurredAt == "2026-01-01T00:00:01.000Z")
        #expect(try await store.page("q") == nil)
    }

    @Test
    func `an event that comes again has no effect`() async throws {
        let store = try PageStore(file)
        #expect(try await store.apply(event("page.created", "2026-01-01T00:00:00.000Z"), id: "1"))
        let before = try await store.page("p")
        #expect(try await !store.apply(event("page.deleted", "2026-01-01T00:00:09.000Z"), id: "1"))
        #expect(try await store.page("p") == before)
        #expect(try await store.eventCount() == 1)
    }

    @Test
    func `an event that is older than the row counts and changes nothing else`() async throws {
        let store = try PageStore(file)
        try await store.apply(event("page.deleted", "2026-01-01T00:00:05.000Z", parent: "new"), id: "1")
        try await store.apply(event("page.undeleted", "2026-01-01T00:00:04.000Z", parent: "old"), id: "2")
        try await store.apply(event("page.moved", nil, parent: "old"), id: "3")
        let row = try #require(try await store.page("p"))
        #expect(row.lastType == "page.deleted" && row.parentID == "new" && row.isDeleted && row.events == 3)
    }

    @Test(arguments: [("page.created", false), ("page.deleted", true), ("page.undeleted", false), ("page.moved", true)])
    func `deleted is what the newest event that speaks of it said`(type: String, isDeleted: Bool) async throws {
        let store = try PageStore(file)
        try await store.apply(event("page.deleted", "2026-01-01T00:00:00.000Z"), id: "1")
        try await store.apply(event(type, "2026-01-01T00:00:01.000Z"), id: "2")
        #expect(try await store.page("p")?.isDeleted == isDeleted)
    }

    @Test
    func `what was applied is there when the file is opened again`() async throws {
        try await PageStore(file).apply(event("page.created", "2026-01-01T00:00:00.000Z"), id: "it's; \u{0}\"é")
        let again = try PageStore(file)
        #expect(try await again.pages().map(\.id) == ["p"])
        #expect(try await !again.apply(event("page.created", "2026-01-01T00:00:00.000Z"), id: "it's; \u{0}\"é"))
    }

    @Test
    func `connections that share a file apply each event once between them`() async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { [file] in
                    let store = try PageStore(file)
                    for number in 0..<50 {
                        try await store.apply(event("page.moved", nil, page: "p\(number % 5)"), id: "\(number)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await PageStore(file).pages().map(\.events) == [10, 10, 10, 10, 10])
    }

    @Test
    func `an error names the file and what is wrong in one line`() {
        let error = #expect(throws: DatabaseError.self) { try PageStore(directory.file("missing/pages.sqlite")) }
        #expect(error?.description.hasSuffix("pages.sqlite: unable to open database file (SQLite error 14)") == true)
    }
}
