import Kafka
import Testing

@testable import OrderedConsumer

@Suite
struct GroupTopicsTests {
    @Test
    func `the topics of a group are named after topic and group`() throws {
        let topics = try GroupTopics(topic: "notion.events.v1", group: "billing")
        #expect(topics.deadLetters == "notion.events.v1.billing.dlq")
        #expect(topics.redrives == "notion.events.v1.billing.redrive")
        #expect(topics.state == "notion.events.v1.billing.state")
        let all = topics.newTopics(partitions: 12).map { "\($0.name) \($0.partitions)" }
        #expect(all == ["\(topics.deadLetters) 12", "\(topics.redrives) 12", "\(topics.state) 1"])
    }

    @Test
    func `the topics of a group take what its topic takes, with room and of any time`() throws {
        let topics = try GroupTopics(topic: "t", group: "g")
        let made = topics.newTopics(partitions: 7, valueBytesMax: 4 << 20)
        #expect(made.map(\.name) == ["t.g.dlq", "t.g.redrive", "t.g.state"] && made.map(\.partitions) == [7, 7, 1])
        #expect(made.allSatisfy { $0.config["max.message.bytes"] == "4259840" })
        #expect(made[0].config["message.timestamp.after.max.ms"] == "9223372036854775807")
        #expect(made[0].config["message.timestamp.before.max.ms"] == "9223372036854775807")
        #expect(made[1].config == made[0].config && made[0].config["retention.ms"] == "-1")
        #expect(made[2].config["cleanup.policy"] == "compact")
        let largest = topics.newTopics(partitions: 1, valueBytesMax: .max)
        #expect(largest[0].config["max.message.bytes"] == "2147483647")
    }

    @Test
    func `an old broker is asked in the words that it knows`() throws {
        let made = try GroupTopics(topic: "t", group: "g").newTopics(partitions: 7)
        let old = try #require(made[0].forOldBrokers)
        let names = old.config.keys.sorted()
        #expect(names == ["max.message.bytes", "message.timestamp.difference.max.ms", "retention.ms"])
        #expect(old.partitions == 7 && made[2].forOldBrokers == nil)
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
        (String(repeating: "t", count: 240), "g", .tooLong(String(repeating: "t", count: 240) + ".g.redrive")),
    ]

    @Test(arguments: refused)
    func `what Kafka would not take as a topic is refused`(topic: String, group: String, error: GroupTopicsError) {
        #expect(throws: error) { try GroupTopics(topic: topic, group: group) }
        #expect(!error.description.contains("\n"))
    }

    @Test
    func `the longest name is allowed`() throws {
        let topics = try GroupTopics(topic: String(repeating: "t", count: 239), group: "g")
        #expect(topics.redrives.utf8.count == 249)
    }

    @Test
    func `a refusal says what to do`() {
        let refusal = "the group \"my group\" cannot name its own topics: "
        let rule = "use 1 to 249 of the characters a-z A-Z 0-9 . _ -"
        #expect(GroupTopicsError.group("my group").description == refusal + rule)
    }
}
