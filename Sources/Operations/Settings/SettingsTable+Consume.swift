extension SettingsTable {
    /// The commands that run a handler over a consumer group.
    private static let consumers: [Command] = [.forward]
    private static let groupCommands: [Command] = consumers + [.redrive, .groupsPause, .groupsResume]

    static let consume: [Setting] = [
        Setting(
            .group,
            yaml: "consumer.group",
            flag: "group",
            .groupName,
            isRequired: true,
            "Consumer group; it names the dead-letter and state topics too.",
            for: groupCommands
        ),
        consumer(.start, "start", .choice(["beginning", "end"]), "beginning", "Where a new group begins."),
        consumer(
            .lanes,
            "lanes",
            .integer(1...4096),
            "100",
            "Events that may be handled at once, each of another entity."
        ),
        consumer(
            .attempts,
            "attempts",
            .integer(0...1_000_000),
            "10",
            "Attempts after which an event becomes a dead letter; 0 is no limit."
        ),
        consumer(
            .retryDelay,
            "retry-delay",
            .duration(.milliseconds(1)...(.seconds(3600))),
            "500ms",
            "Pause after the first failure; it doubles with each one."
        ),
        consumer(
            .retryDelayMax,
            "retry-delay-max",
            .duration(.milliseconds(1)...(.seconds(86_400))),
            "2m",
            "Longest such pause, unless the service asks for more."
        ),
        consumer(
            .afterDeadLetter,
            "after-dead-letter",
            .choice(["park", "continue"]),
            "park",
            "Whether later events of an entity follow its dead letter, so that order survives, or go on."
        ),
        consumer(
            .parkedKeysMax,
            "parked-keys-max",
            .integer(1...10_000_000),
            "100000",
            "Entities that may be parked at once."
        ),
        consumer(
            .reorderWindow,
            "reorder-window",
            .duration(.zero...(.seconds(300))),
            "0ms",
            "How long an event waits for older ones of its entity that come later."
        ),
        consumer(
            .coalesce,
            "coalesce",
            .boolean,
            "false",
            "Hand out only the newest waiting event of an entity, with the ids of the others."
        ),
        consumer(
            .dedupeWindow,
            "dedupe-window",
            .integer(0...10_000_000),
            "10000",
            "Event ids remembered for each partition to drop duplicates; 0 drops none."
        ),
        consumer(
            .springHeaders,
            "spring-dlt-headers",
            .boolean,
            "false",
            "Add the dead-letter headers of Spring for Apache Kafka."
        ),
        consumer(
            .commitInterval,
            "commit-interval",
            .duration(.milliseconds(10)...(.seconds(600))),
            "1s",
            "How often offsets are committed."
        ),
        consumer(
            .recordsMax,
            "buffered-records-max",
            .integer(1...10_000_000),
            "10000",
            "Records read and not done, over all partitions; a partition at its share is not read on."
        ),
        consumer(
            .recordBytesMax,
            "buffered-bytes-max",
            .bytes(65_536...17_179_869_184),
            "64MiB",
            "Bytes of these records."
        ),
        consumer(
            .assignor,
            "assignor",
            .choice(["cooperative-sticky", "range", "roundrobin"]),
            "cooperative-sticky",
            "How partitions are divided; the same for all members of a group."
        ),
        consumer(
            .instanceID,
            "instance-id",
            .string,
            nil,
            "Name of this member that outlives it, so that a restart moves no partition."
        ),
        consumer(
            .sessionTimeout,
            "session-timeout",
            .duration(.seconds(1)...(.seconds(1800))),
            "45s",
            "Silence after which the group gives this member's partitions to others."
        ),
    ]

    private static func consumer(
        _ key: SettingKey,
        _ flag: String,
        _ type: SettingType,
        _ defaultText: String?,
        _ sentence: String
    ) -> Setting {
        Setting(
            key,
            yaml: "consumer." + flag.replacing("-", with: "_"),
            flag: flag,
            scope: "consumer",
            type,
            default: defaultText,
            sentence,
            for: consumers
        )
    }

    static let forward: [Setting] = [
        forward(.forwardURL, "url", .url, isRequired: true, "Service that events are posted to."),
        forward(.forwardTypes, "types", .string, note: "all", "Event types to send: page.created,comment.*"),
        Setting(
            .webhookSecrets,
            yaml: "forward.webhook_secrets",
            flag: "webhook-secrets-file",
            .secrets,
            note: "unsigned",
            "Standard Webhooks secrets (whsec_…); each signs, so that they can be rotated; in a file one a line.",
            for: [.forward]
        ),
        forward(
            .forwardAllow,
            "allow-hosts",
            .string,
            note: "the URL's own host and port",
            "Hosts that may be posted to: HOST[:PORT] or *.DOMAIN, separated by commas."
        ),
        forward(
            .forwardTimeout,
            "request-timeout",
            .duration(.milliseconds(100)...(.seconds(600))),
            default: "15s",
            "Longest time for a request and its whole answer."
        ),
        forward(
            .forwardAuthorities,
            "ca-file",
            .file,
            note: "the system's",
            "PEM authorities that an https service is verified against."
        ),
    ]

    private static func forward(
        _ key: SettingKey,
        _ flag: String,
        _ type: SettingType,
        default defaultText: String? = nil,
        note: String = "",
        isRequired: Bool = false,
        _ sentence: String
    ) -> Setting {
        Setting(
            key,
            yaml: "forward." + flag.replacing("-", with: "_"),
            flag: flag,
            scope: "forward",
            type,
            default: defaultText,
            note: note,
            isRequired: isRequired,
            sentence,
            for: [.forward]
        )
    }

    static let groups: [Setting] = [
        Setting(
            .groupsGroup,
            yaml: nil,
            flag: "group",
            scope: "groups",
            .groupName,
            note: "all groups with offsets in the topic",
            "Only this consumer group.",
            for: [.groups]
        ),
        Setting(
            .groupsFormat,
            yaml: nil,
            flag: "format",
            scope: "groups",
            .choice(["table", "json"]),
            default: "table",
            "Form of the output.",
            for: [.groups]
        ),
        Setting(
            .topicsGroup,
            yaml: nil,
            flag: "group",
            scope: "topics",
            .groupName,
            note: "none",
            "Also the dead-letter and state topics of this consumer group.",
            for: [.topicsPlan, .topicsApply]
        ),
    ]
}
