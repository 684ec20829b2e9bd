import Testing

@testable import OrderedConsumer

@Suite
struct GroupTopicsTests {
    @Test
    func `the topics of a group are named after topic and group`() throws {
        let topics = try GroupTopics(topic: "notion.events.v1", group: "billing")
        #expect(topics.deadLetters == "notion.events.v1.billing.dlq")
        #expect(topics.state == "notion.events.v1.billing.state")
    }

    static let refused: [(topic: String, group: String, error: GroupTopicsError)] = [
        ("", "g", .topic("")),
        ("..", "g", .topic("..")),
        ("a/b", "g", .topic("a/b")),
        ("t", "", .group("")),
        ("t", ".", .group(".")),
        ("t", "my group", .group("my group")),
        ("t", "größe", .group("größe")),
        ("t", "g\n", .group("g\n")),
        (String(repeating: "t", count: 250), "g", .topic(String(repeating: "t", count: 250))),
        (String(repeating: "t", count: 242), "g", .tooLong(String(repeating: "t", count: 242) + ".g.state")),
    ]

    @Test(arguments: refused)
    func `what Kafka would not take as a topic is refused`(topic: String, group: String, error: GroupTopicsError) {
        #expect(throws: error) { try GroupTopics(topic: topic, group: group) }
        #expect(!error.description.contains("\n"))
    }

    @Test
    func `the longest name is allowed`() throws {
        let topics = try GroupTopics(topic: String(repeating: "t", count: 241), group: "g")
        #expect(topics.state.utf8.count == 249)
    }

    @Test
    func `a refusal says what to do`() {
        let refusal = "the group \"my group\" cannot name its dead-letter and state topics: "
        let rule = "use 1 to 249 of the characters a-z A-Z 0-9 . _ -"
        #expect(GroupTopicsError.group("my group").description == refusal + rule)
    }
}
