import Testing

@testable import Kafka

struct TopicPlanTests {
    private static let wanted = NewTopic("events", partitions: 6, replicationFactor: 3, config: ["a": "1", "b": "2"])

    private static func found(
        partitions: Int = 6,
        replicas: Int = 3,
        _ config: [String: String?] = ["a": "1", "b": "2", "c": "3"]
    ) -> [String: TopicDescription] {
        var topic = TopicDescription(name: "events", partitionCount: partitions, replicationFactor: replicas)
        topic.config = config.mapValues { TopicDescription.ConfigEntry(value: $0, isDefault: false) }
        return ["events": topic, "others": topic]
    }

    @Test func `what is missing is created as it is wanted`() {
        let plan = TopicPlan(wanted: [Self.wanted], found: [:])
        #expect(plan.steps == [.create(Self.wanted)] && plan.creations == [Self.wanted] && !plan.hasDifferences)
        #expect(plan.lines == ["create   events  partitions=6 replication_factor=3"])
    }

    @Test func `a replication factor that is left to the brokers is said to be theirs`() {
        let plan = TopicPlan(wanted: [NewTopic("events", partitions: 1)], found: [:])
        #expect(plan.lines == ["create   events  partitions=1 replication_factor=broker default"])
    }

    @Test(arguments: [
        (found(), []), (found(["a": "1"]), []), (found([:]), []), (found(["a": nil, "b": "2"]), []),
        (found(partitions: 12), ["partitions are 12, wanted 6"]),
        (found(replicas: 1), ["replication factor is 1, wanted 3"]),
        (found(["b": "9", "a": "8"]), ["a is 8, wanted 1", "b is 9, wanted 2"]),
        (
            found(partitions: 1, replicas: 2, ["b": ""]),
            ["partitions are 1, wanted 6", "replication factor is 2, wanted 3", "b is , wanted 2"]
        ),
    ])
    func `what exists is kept, and each difference is named`(
        found: [String: TopicDescription],
        differences: [String]
    ) {
        let plan = TopicPlan(wanted: [Self.wanted], found: found)
        #expect(plan.steps == [differences.isEmpty ? .keep("events") : .differs("events", differences)])
        #expect(plan.creations.isEmpty && plan.hasDifferences == !differences.isEmpty)
        #expect(plan.lines[0].hasPrefix(differences.isEmpty ? "ok       events" : "differs  events  "))
    }

    @Test func `any replication factor is right where the brokers choose it`() {
        let wanted = NewTopic("events", partitions: 6)
        #expect(TopicPlan(wanted: [wanted], found: Self.found()).steps == [.keep("events")])
    }

    @Test func `the steps have the order of the topics`() {
        let wanted = ["z", "events", "a"].map { NewTopic($0, partitions: 6) }
        let plan = TopicPlan(wanted: wanted, found: Self.found())
        #expect(plan.steps == [.create(wanted[0]), .keep("events"), .create(wanted[2])])
    }
}
