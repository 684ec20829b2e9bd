package import Kafka

private let forGroup = SettingArea(section: "consumer", commands: [.forward, .redrive, .groupsPause, .groupsResume])
private let forConsumer = SettingArea(scope: "consumer", section: "consumer", commands: [.forward])
private let forForward = SettingArea(scope: "forward", section: "forward", commands: [.forward])
private let forPosting = SettingArea(section: "forward", commands: [.forward, .replay])
private let forRedrive = SettingArea(scope: "redrive", commands: [.redrive])
private let forGroups = SettingArea(scope: "groups", commands: [.groups])
private let forTopics = SettingArea(scope: "topics", section: "topics", commands: [.topicsPlan, .topicsApply])

extension SettingsTable {
    package struct Consumer: Sendable {
        package enum AfterDeadLetter: String, CaseIterable, Sendable {
            case park, `continue`
        }

        package let group = forGroup.required("group", .groupName)
            .help("Consumer group; it names its own topics too.")
        package let start = forConsumer("start", .choice(GroupConsumerSettings.Start.self), default: "beginning")
            .help("Where a new group begins.")
        package let lanes = forConsumer("lanes", .integer(1...4096), default: "100")
            .help("Events that may be handled at once, each of another entity.")
        package let attempts = forConsumer("attempts", .integer(0...1_000_000), default: "10")
            .help("Attempts after which an event becomes a dead letter; 0 is no limit.")
        package let giveUpAfter = forConsumer(
            "give-up-after",
            .seconds(0...2_592_000),
            note: "24h; 0s with --attempts"
        )
        .help("Time since its first failure before which no event becomes a dead letter for its attempts.")
        package let probePauseMax = forConsumer("probe-pause-max", .milliseconds(500...3_600_000), default: "10s")
            .help("Longest pause between tries while the service is in trouble, when no attempts count.")
        package let retryDelay = forConsumer("retry-delay", .milliseconds(1...3_600_000), default: "500ms")
            .help("Pause after the first failure; it doubles with each one.")
        package let retryDelayMax = forConsumer("retry-delay-max", .milliseconds(1...86_400_000), default: "2m")
            .help("Longest such pause, unless the service asks for more.")
        package let afterDeadLetter = forConsumer("after-dead-letter", .choice(AfterDeadLetter.self), default: "park")
            .help("Whether later events of an entity become dead letters too, which keeps their order, or are handled.")
        package let parkedKeysMax = forConsumer("parked-keys-max", .integer(1...10_000_000), default: "100000")
            .help("Entities that may be parked at once.")
        package let reorderWindow = forConsumer("reorder-window", .seconds(0...300), default: "0ms")
            .help("How long an event waits for older ones of its entity that come later.")
        package let coalesce = forConsumer.boolean("coalesce")
            .help("Hand out only the newest waiting event of an entity, with the ids of the others.")
        package let dedupeWindow = forConsumer("dedupe-window", .integer(0...10_000_000), default: "10000")
            .help("Event ids remembered per partition to drop duplicates; 0 drops none.")
        package let skipReplays = forConsumer.boolean("skip-replays")
            .help("Skip events that were replayed instead of handling them again.")
        package let springHeaders = forConsumer.boolean("spring-dlt-headers")
            .help("Add the dead-letter headers of Spring for Apache Kafka.")
        package let commitInterval = forConsumer("commit-interval", .milliseconds(10...600_000), default: "1s")
            .help("How often offsets are committed.")
        package let recordsMax = forConsumer("buffered-records-max", .integer(1...10_000_000), default: "10000")
            .help("Records read and not done, over all partitions; a partition at its share is paused.")
        package let bytesMax = forConsumer("buffered-bytes-max", .bytes(65_536...(16 << 30)), default: "64MiB")
            .help("Bytes of these records.")
        package let assignor = forConsumer(
            "assignor",
            .choice(GroupConsumerSettings.Assignor.self),
            default: "cooperative-sticky"
        )
        .help("How partitions are divided; the same for all members of a group.")
        package let instanceID = forConsumer("instance-id", .string)
            .help("Name of this member that survives a restart, so that no partition moves.")
        package let sessionTimeout = forConsumer("session-timeout", .seconds(1...1800), default: "45s")
            .help("Time without a heartbeat after which this member's partitions are assigned to others.")
    }

    package struct Forward: Sendable {
        package let url = forForward.required("url", .url).help("Service that events are posted to.")
        package let types = forForward.list("types", .list, note: "all")
            .help("Event types to send: page.created,comment.*")
        package let deadLetterStatuses = forForward.list("dead-letter-statuses", .list, note: "400,410,413,415,422")
            .help("Statuses of 400 to 499 with which the service refuses an event for good.")
        package let webhookSecrets = forPosting.list("webhook-secrets-file", .secrets, note: "unsigned")
            .help(
                "Standard Webhooks secrets (whsec_…); each signs, so that they can be rotated; in a file one per line."
            )
        package let service = Service(forForward)
    }

    package struct Service: Sendable {
        package let allowedHosts: Setting<[String]>
        package let requestTimeout: Setting<Duration>
        package let authorities: Setting<String?>
        package let connectionLife: Setting<Duration>

        init(_ area: SettingArea) {
            allowedHosts = area.list("allow-hosts", .list, note: "the URL's own host and port")
                .help("Hosts that may be posted to: HOST[:PORT] or *.DOMAIN, separated by commas.")
            requestTimeout = area("request-timeout", .milliseconds(100...600_000), default: "15s")
                .help("Longest time for a request and its whole answer.")
            authorities = area.authorities("an https service is")
            connectionLife = area("connection-life", .seconds(1...86_400), default: "1m")
                .help("Longest use of a kept connection, so that a name that moves is found.")
        }
    }

    package struct Redrive: Sendable {
        package let entity = forRedrive("entity", .string, note: "all")
            .help("Only dead letters of this entity (the record's key).")
        package let type = forRedrive.list("type", .list, note: "all")
            .help("Only dead letters of these event types: page.*")
        package let reason = forRedrive.list("reason", .list, note: "all")
            .help("Only dead letters with these reasons, comma-separated.")
        package let redrivesMax = forRedrive("max-redrives", .integer(1...1_000_000), default: "3")
            .help("Dead letters that were sent back this many times already stay where they are.")
        package let rate = forRedrive("rate", .rate, note: "no limit").help("Records a second.")
        package let dryRun = forRedrive.boolean("dry-run").help("Count what would be sent, and send nothing.")
        package let wait = forRedrive("wait", .seconds(0...86_400), default: "1m")
            .help("Longest wait for the group to handle what was sent and unpark the keys; 0ms does not wait.")
        package let format = forRedrive.format.help("Form of the summary.")
    }

    package struct Groups: Sendable {
        package enum Format: String, CaseIterable, Sendable {
            case table, json
        }

        package let group = forGroups("group", .groupName, note: "all groups with offsets in the topic")
            .help("Only this consumer group.")
        package let format = forGroups("format", .choice(Format.self), default: "table")
            .help("Form of the output.")
    }

    package struct Topics: Sendable {
        package let group = forTopics("group", .groupName, note: "none").yaml(nil)
            .help("Also the own topics of this consumer group.")
        package let partitions = forTopics("partitions", .integer(1...10_000), default: "12").alsoTaken(by: .dev)
            .help("Partitions of the event topic when it is created.")
        package let replicationFactor = forTopics("replication-factor", .integer(1...100), note: "the broker's default")
            .help("Replicas of each partition when a topic is created.")
        package let file = forTopics(
            "file",
            .file,
            note: "the topics named by topic, dead_letter_topic, subscriptions_topic"
        )
        .help("JSON file with the topics to create, such as deploy/topics.json.")
    }
}
