extension SettingsTable {
    private static let groupCommands: [Command] =
        SettingScope.consumer.commands + [.redrive, .groupsPause, .groupsResume]

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
        .scoped(
            .consumer,
            .start,
            "start",
            .choice(["beginning", "end"]),
            default: "beginning",
            "Where a new group begins."
        ),
        .scoped(
            .consumer,
            .lanes,
            "lanes",
            .integer(1...4096),
            default: "100",
            "Events that may be handled at once, each of another entity."
        ),
        .scoped(
            .consumer,
            .attempts,
            "attempts",
            .integer(0...1_000_000),
            default: "10",
            "Attempts after which an event becomes a dead letter; 0 is no limit."
        ),
        .scoped(
            .consumer,
            .retryDelay,
            "retry-delay",
            .duration(.milliseconds(1)...(.seconds(3600))),
            default: "500ms",
            "Pause after the first failure; it doubles with each one."
        ),
        .scoped(
            .consumer,
            .retryDelayMax,
            "retry-delay-max",
            .duration(.milliseconds(1)...(.seconds(86_400))),
            default: "2m",
            "Longest such pause, unless the service asks for more."
        ),
        .scoped(
            .consumer,
            .afterDeadLetter,
            "after-dead-letter",
            .choice(["park", "continue"]),
            default: "park",
            "Whether later events of an entity follow its dead letter, so that order survives, or go on."
        ),
        .scoped(
            .consumer,
            .parkedKeysMax,
            "parked-keys-max",
            .integer(1...10_000_000),
            default: "100000",
            "Entities that may be parked at once."
        ),
        .scoped(
            .consumer,
            .reorderWindow,
            "reorder-window",
            .duration(.zero...(.seconds(300))),
            default: "0ms",
            "How long an event waits for older ones of its entity that come later."
        ),
        .scoped(
            .consumer,
            .coalesce,
            "coalesce",
            .boolean,
            default: "false",
            "Hand out only the newest waiting event of an entity, with the ids of the others."
        ),
        .scoped(
            .consumer,
            .dedupeWindow,
            "dedupe-window",
            .integer(0...10_000_000),
            default: "10000",
            "Event ids remembered for each partition to drop duplicates; 0 drops none."
        ),
        .scoped(
            .consumer,
            .skipReplays,
            "skip-replays",
            .boolean,
            default: "false",
            "Pass over events that were replayed, instead of handling them again."
        ),
        .scoped(
            .consumer,
            .springHeaders,
            "spring-dlt-headers",
            .boolean,
            default: "false",
            "Add the dead-letter headers of Spring for Apache Kafka."
        ),
        .scoped(
            .consumer,
            .commitInterval,
            "commit-interval",
            .duration(.milliseconds(10)...(.seconds(600))),
            default: "1s",
            "How often offsets are committed."
        ),
        .scoped(
            .consumer,
            .recordsMax,
            "buffered-records-max",
            .integer(1...10_000_000),
            default: "10000",
            "Records read and not done, over all partitions; a partition at its share is not read on."
        ),
        .scoped(
            .consumer,
            .recordBytesMax,
            "buffered-bytes-max",
            .bytes(65_536...17_179_869_184),
            default: "64MiB",
            "Bytes of these records."
        ),
        .scoped(
            .consumer,
            .assignor,
            "assignor",
            .choice(["cooperative-sticky", "range", "roundrobin"]),
            default: "cooperative-sticky",
            "How partitions are divided; the same for all members of a group."
        ),
        .scoped(
            .consumer,
            .instanceID,
            "instance-id",
            .string,
            "Name of this member that outlives it, so that a restart moves no partition."
        ),
        .scoped(
            .consumer,
            .sessionTimeout,
            "session-timeout",
            .duration(.seconds(1)...(.seconds(1800))),
            default: "45s",
            "Silence after which the group gives this member's partitions to others."
        ),
    ]

    static let forward: [Setting] = [
        .scoped(.forward, .forwardURL, "url", .url, isRequired: true, "Service that events are posted to."),
        .scoped(.forward, .forwardTypes, "types", .string, note: "all", "Event types to send: page.created,comment.*"),
        Setting(
            .webhookSecrets,
            yaml: "forward.webhook_secrets",
            flag: "webhook-secrets-file",
            .secrets,
            note: "unsigned",
            "Standard Webhooks secrets (whsec_…); each signs, so that they can be rotated; in a file one a line.",
            for: [.forward, .replay]
        ),
        .scoped(
            .forward,
            .forwardAllow,
            "allow-hosts",
            .string,
            note: "the URL's own host and port",
            "Hosts that may be posted to: HOST[:PORT] or *.DOMAIN, separated by commas."
        ),
        .scoped(
            .forward,
            .forwardTimeout,
            "request-timeout",
            .duration(.milliseconds(100)...(.seconds(600))),
            default: "15s",
            "Longest time for a request and its whole answer."
        ),
        .scoped(
            .forward,
            .forwardAuthorities,
            "ca-file",
            .file,
            note: "the system's",
            "PEM authorities that an https service is verified against."
        ),
    ]

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
