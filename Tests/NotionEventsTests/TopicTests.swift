import NotionEvents
import Testing

@Suite
struct TopicTests {
    @Test
    func `topics have the names that others are built on`() {
        #expect(Topics.events == "notion.events.v1")
        #expect(Topics.deadLetter == "notion.dead-letter.v1")
    }
}
