/// Every setting of every command. Flags, environment names, YAML paths, help, README's table and `config print`
/// are all read from here, so none of them can drift.
package enum SettingsTable {
    package static let all: [Setting] =
        general + kafka + edge + tls + limits + producer + consume + forward + redrive + replay + groups + topics
        + subscription
        + tail + simulate + doctor + inspect

    /// The settings of a command, in the order of the table.
    package static func settings(of command: Command) -> [Setting] {
        all.filter { $0.commands.contains(command) }
    }

    /// The commands that talk to a broker that is already there.
    private static let brokerCommands: [Command] = [
        .receive, .topicsPlan, .topicsApply, .tail, .simulateCheck, .forward, .redrive, .groups, .groupsPause,
        .groupsResume, .replay, .doctor,
    ]

    private static let general: [Setting] = [
        Setting(
            .config,
            yaml: nil,
            flag: "config",
            .file,
            "YAML file with settings; flags and environment override it.",
            for: Command.allCases
        ),
        Setting(
            .logFormat,
            yaml: "log.format",
            flag: "log-format",
            .choice(["json", "text"]),
            note: "text on a terminal, json otherwise",
            "Form of the log lines on stderr.",
            for: Command.allCases
        ),
        Setting(
            .logLevel,
            yaml: "log.level",
            flag: "log-level",
            .choice(["debug", "info", "warning", "error"]),
            default: "info",
            "Least severe log line that is written.",
            for: Command.allCases
        ),
        Setting(
            .configFormat,
            yaml: nil,
            flag: "format",
            scope: "config",
            .choice(["text", "json"]),
            default: "text",
            "Form of the output.",
            for: [.configPrint]
        ),
    ]

    private static let kafka: [Setting] = [
        Setting(
            .kafka,
            yaml: "kafka.bootstrap_servers",
            flag: "kafka",
            .hosts,
            isRequired: true,
            "Brokers to start from.",
            for: brokerCommands + subscriptionCommands
        ),
        Setting(
            .kafkaOptions,
            yaml: "kafka.options",
            flag: "kafka-option",
            .options,
            "Any other librdkafka option by its own name, such as security.protocol; may be repeated.",
            for: brokerCommands + subscriptionCommands
        ),
        Setting(
            .topic,
            yaml: "topic",
            flag: "topic",
            .topicName,
            default: "notion.events.v1",
            "Topic of the events.",
            for: brokerCommands.filter { $0 != .replay } + [.subscriptionList, .dev]
        ),
        Setting(
            .deadLetterTopic,
            yaml: "dead_letter_topic",
            flag: "dead-letter-topic",
            .topicName,
            default: "notion.dead-letter.v1",
            "Topic of deliveries that were verified and could not be understood.",
            for: [.receive, .topicsPlan, .topicsApply, .dev, .doctor]
        ),
    ]

    private static let topics: [Setting] = [
        Setting(
            .partitions,
            yaml: "topics.partitions",
            flag: "partitions",
            scope: "topics",
            .integer(1...10_000),
            default: "12",
            "Partitions of the event topic when it is created.",
            for: [.topicsPlan, .topicsApply, .dev]
        ),
        Setting(
            .replicationFactor,
            yaml: "topics.replication_factor",
            flag: "replication-factor",
            scope: "topics",
            .integer(1...100),
            note: "the broker's default",
            "Replicas of each partition when a topic is created.",
            for: [.topicsPlan, .topicsApply]
        ),
        Setting(
            .topicsFile,
            yaml: "topics.file",
            flag: "file",
            scope: "topics",
            .file,
            note: "the topics named by topic, dead_letter_topic, subscriptions_topic",
            "JSON file with the topics to create, such as deploy/topics.json.",
            for: [.topicsPlan, .topicsApply]
        ),
    ]
}
