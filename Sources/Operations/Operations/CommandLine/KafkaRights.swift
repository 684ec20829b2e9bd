/// The least rights in Kafka that each command needs where brokers have an authorizer. The table of
/// `docs/kafka-access.md` is written from these rows, and its rights are tried out on a real broker.
package struct KafkaRights: Sendable, Equatable {
    package enum Resource: String, CaseIterable, Sendable {
        case events = "topic of events"
        case deadLetters = "dead-letter topic"
        case subscriptions = "subscriptions topic"
        case groupDeadLetters = "the group's dead-letter topic"
        case groupRedrives = "the group's redrive topic"
        case groupState = "the group's state topic"
        case group = "consumer group"
        case target = "topic of `--to-topic`"
        case checkpoints = "topic of `--checkpoint-topic`"
    }

    package let resource: Resource
    /// As Kafka's tools name them. Read and Write include Describe.
    package let operations: [String]
    /// When it is needed, if not always.
    package let condition: String

    package static func of(_ command: Command) -> [KafkaRights] {
        guard let line = rows.first(where: { $0.commands.contains(command) }) else { return [] }
        return line.rights
    }

    /// What is granted, to a resource with this name: `Read and Write on topic events`.
    package func text(_ name: String) -> String {
        "\(operations.joined(separator: " and ")) on \(resource == .group ? "group" : "topic") \(name)"
    }

    private init(_ resource: Resource, _ operations: String, _ condition: String = "") {
        self.resource = resource
        self.operations = operations.split(separator: " ").map { String($0) }
        self.condition = condition
    }

    private static let ofTopics = [Resource.events, .deadLetters, .subscriptions]
    private static let ofGroup = [Resource.groupDeadLetters, .groupRedrives, .groupState]

    private static func described(_ operations: String, _ condition: String = "") -> [KafkaRights] {
        let ofGroup = condition.isEmpty ? "with `--group`" : "with `--group`, \(condition)"
        return ofTopics.map { KafkaRights($0, operations, condition) }
            + Self.ofGroup.map { KafkaRights($0, operations, ofGroup) }
    }

    /// In the order of the documentation.
    package static let rows: [(commands: [Command], rights: [KafkaRights])] = [
        (
            [.receive],
            [
                KafkaRights(.events, "Write"), KafkaRights(.deadLetters, "Write"),
                KafkaRights(.subscriptions, "Read Write", "with a sealing key"),
            ]
        ),
        (
            [.forward],
            [
                KafkaRights(.events, "Read"), KafkaRights(.group, "Read"), KafkaRights(.groupDeadLetters, "Write"),
                KafkaRights(.groupRedrives, "Read"), KafkaRights(.groupState, "Read Write"),
            ]
        ),
        (
            [.redrive],
            [
                KafkaRights(.groupDeadLetters, "Read"), KafkaRights(.groupRedrives, "Write"),
                KafkaRights(.groupState, "Read Write"),
            ]
        ),
        (
            [.replay],
            [
                KafkaRights(.events, "Read"), KafkaRights(.target, "Write", "with `--to-topic`"),
                KafkaRights(.checkpoints, "Read Write", "with `--resume`"),
                KafkaRights(.checkpoints, "Create", "with `--resume`, while that topic does not exist"),
            ]
        ),
        ([.tail], [KafkaRights(.events, "Read")]),
        (
            [.groups],
            [
                KafkaRights(.events, "Read"), KafkaRights(.group, "Describe"), KafkaRights(.groupDeadLetters, "Read"),
                KafkaRights(.groupState, "Read"),
            ]
        ),
        ([.groupsPause, .groupsResume], [KafkaRights(.groupState, "Write")]),
        ([.subscriptionPending], [KafkaRights(.subscriptions, "Read")]),
        ([.subscriptionList], [KafkaRights(.subscriptions, "Read"), KafkaRights(.events, "Read")]),
        (
            [.subscriptionActivate, .subscriptionRetire, .subscriptionImport],
            [KafkaRights(.subscriptions, "Read Write")]
        ),
        ([.topicsPlan], described("Describe DescribeConfigs")),
        ([.topicsApply], described("Describe DescribeConfigs") + described("Create", "while it does not exist")),
        ([.doctor], ofTopics.map { KafkaRights($0, "Read DescribeConfigs") }),
        ([.simulateCheck], [KafkaRights(.events, "Read")]),
    ]
}
