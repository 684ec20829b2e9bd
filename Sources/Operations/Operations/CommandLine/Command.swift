/// The commands of the program; the raw value is what stands after `notion-relay`.
package enum Command: String, CaseIterable, Sendable {
    case receive
    case topicsPlan = "topics plan"
    case topicsApply = "topics apply"
    case tail
    case forward
    case redrive
    case replay
    case groups
    case groupsPause = "groups pause"
    case groupsResume = "groups resume"
    case subscriptionKeygen = "subscription keygen"
    case subscriptionPending = "subscription pending"
    case subscriptionList = "subscription list"
    case subscriptionActivate = "subscription activate"
    case subscriptionRetire = "subscription retire"
    case subscriptionImport = "subscription import"
    case simulateDeliver = "simulate deliver"
    case simulateCheck = "simulate check"
    case configPrint = "config print"
    case configValidate = "config validate"
    case doctor
    case inspect
    case dev
    case demo
    case completions
    case man

    /// The command named by the first one or two words, and how many words that took.
    package static func named(by words: [String]) -> (command: Command, wordCount: Int)? {
        for count in [2, 1] where words.count >= count {
            if let command = Command(rawValue: words.prefix(count).joined(separator: " ")) { return (command, count) }
        }
        return nil
    }

    /// A shell that starts up and a package that is built must not fail for a setting.
    package var hasSettings: Bool { self != .completions && self != .man }

    /// Whether the command's settings are those of another command, named by its first words.
    package var isAboutAnother: Bool { self == .configPrint || self == .configValidate }

    package var sentence: String {
        switch self {
        case .receive: "Receive Notion's webhooks, verify them and publish them to Kafka; 200 only after the ack."
        case .topicsPlan: "Show what topics apply would create or find different; changes nothing."
        case .topicsApply: "Create the topics that are missing; never changes or deletes an existing one."
        case .tail: "Print the events of a topic, live or from a point on."
        case .forward: "Post events to a service, signed, one at a time for each entity, with retries and dead letters."
        case .redrive:
            "Send a group's dead letters back to their topic, in order, so that the group handles them again."
        case .replay: "Send a stretch of a topic's history again, in order: to a topic, a service or stdout."
        case .groups: "Show how far consumer groups are, what is parked, and their dead letters."
        case .groupsPause: "Let all members of a consumer group pause; what they are handling is finished."
        case .groupsResume: "Let a consumer group that was paused go on."
        case .subscriptionKeygen: "Print a new sealing key, which replicas and operators share; needs no Kafka."
        case .subscriptionPending: "Show the tokens that came in handshakes and wait for a person; hidden unless asked."
        case .subscriptionList: "Show which tokens are active, whose they are, and how busy each one is."
        case .subscriptionActivate: "Let all replicas accept deliveries that a token signed, within seconds."
        case .subscriptionRetire: "Let a token verify no more, now or from a time on; a pending one is discarded."
        case .subscriptionImport: "Put tokens that replicas have in their settings into the subscriptions topic."
        case .simulateDeliver: "Play Notion: send signed deliveries to an endpoint, with retries, and keep a ledger."
        case .simulateCheck: "Prove that every delivery the ledger has as answered 200 is in the topic, in order."
        case .configPrint: "Print the settings of a command (default receive), each with its source; secrets hidden."
        case .configValidate: "Check the settings of a command (default receive); exit 0 when good, 2 otherwise."
        case .inspect: "Explain a captured body: its signature, its type, what is new in it, the record it becomes."
        case .doctor: "Say why events do not come: looks at Kafka, topics, tokens, URL, edge and Notion's API."
        case .dev: "Run the edge on an embedded, in-memory Kafka until Ctrl-C."
        case .demo: "Tell the whole story in under a minute on an embedded Kafka, then exit."
        case .completions: "Print a completion script for a shell, generated from this program's commands and settings."
        case .man: "Print the manual page notion-relay.1, for man and for packages."
        }
    }
}

extension Command {
    /// One or two command lines that can be copied; shown by `--help` and in the manual page.
    package var examples: [String] { Self.usages[self]?.examples ?? [] }

    /// The flags of the settings that most runs need, in the order in which `--help` shows them.
    package var commonFlags: [String] { Self.usages[self]?.common.split(separator: " ").map { "--\($0)" } ?? [] }

    private static let usages: [Command: (common: String, examples: [String])] = [
        .receive: (
            "kafka listen operations path topic key sealing-key-file verification-tokens-file tls-certificate-file",
            [
                "notion-relay receive --kafka kafka-1:9092,kafka-2:9092 --sealing-key-file /run/secrets/sealing-key",
                "notion-relay receive --kafka localhost:9092 --verification-tokens-file tokens --listen 127.0.0.1:8080",
            ]
        ),
        .topicsPlan: (
            "kafka topic dead-letter-topic subscriptions-topic group partitions replication-factor file",
            ["notion-relay topics plan --kafka localhost:9092 --group search"]
        ),
        .topicsApply: (
            "kafka topic dead-letter-topic subscriptions-topic group partitions replication-factor file",
            ["notion-relay topics apply --kafka localhost:9092 --partitions 24 --replication-factor 3"]
        ),
        .tail: (
            "kafka topic from last count exit-at-end format entity type grep",
            [
                "notion-relay tail --kafka localhost:9092 --from beginning --exit-at-end",
                "notion-relay tail --kafka localhost:9092 --type 'page.*' --format json",
            ]
        ),
        .forward: (
            "kafka topic group url webhook-secrets-file types start lanes attempts after-dead-letter",
            [
                "notion-relay forward --kafka localhost:9092 --group search --url http://localhost:3000/events",
                "notion-relay forward --kafka localhost:9092 --group search --url https://search.example.com/events "
                    + "--webhook-secrets-file secrets --types 'page.*'",
            ]
        ),
        .redrive: (
            "kafka topic group entity type reason rate dry-run wait",
            [
                "notion-relay redrive --kafka localhost:9092 --group search --dry-run",
                "notion-relay redrive --kafka localhost:9092 --group search --type 'page.*' --rate 10/s",
            ]
        ),
        .replay: (
            "kafka topic from to last to-topic to-url to-stdout rate dry-run",
            [
                "notion-relay replay --kafka localhost:9092 --from 2026-10-01 --to-topic notion.replay --dry-run",
                "notion-relay replay --kafka localhost:9092 --last 1000 --to-stdout --format json",
            ]
        ),
        .groups: ("kafka topic group format", ["notion-relay groups --kafka localhost:9092 --group search"]),
        .groupsPause: ("kafka topic group", ["notion-relay groups pause --kafka localhost:9092 --group search"]),
        .groupsResume: ("kafka topic group", ["notion-relay groups resume --kafka localhost:9092 --group search"]),
        .subscriptionKeygen: ("", ["notion-relay subscription keygen > sealing-key"]),
        .subscriptionPending: (
            "kafka sealing-key-file reveal format",
            ["notion-relay subscription pending --kafka localhost:9092 --sealing-key-file sealing-key --reveal"]
        ),
        .subscriptionList: (
            "kafka sealing-key-file since format",
            ["notion-relay subscription list --kafka localhost:9092 --sealing-key-file sealing-key"]
        ),
        .subscriptionActivate: (
            "fingerprint kafka sealing-key-file name",
            ["notion-relay subscription activate 0123456789ab --kafka localhost:9092 --name wiki"]
        ),
        .subscriptionRetire: (
            "fingerprint kafka at",
            ["notion-relay subscription retire 0123456789ab --kafka localhost:9092 --at 2026-10-06T09:00Z"]
        ),
        .subscriptionImport: (
            "kafka sealing-key-file verification-tokens-file name",
            [
                "notion-relay subscription import --kafka localhost:9092 --sealing-key-file sealing-key "
                    + "--verification-tokens-file tokens"
            ]
        ),
        .simulateDeliver: (
            "url token ledger count entities rate connections duplicate tamper seed",
            [
                "notion-relay simulate deliver --url http://localhost:8080/notion/webhooks --token secret_example "
                    + "--ledger ledger.jsonl"
            ]
        ),
        .simulateCheck: (
            "kafka topic ledger",
            ["notion-relay simulate check --kafka localhost:9092 --ledger ledger.jsonl"]
        ),
        .configPrint: ("format config", ["notion-relay config print forward --group search"]),
        .configValidate: ("config", ["notion-relay config validate receive --kafka localhost:9092 --loops 2"]),
        .inspect: (
            "file signature verification-tokens-file format",
            ["notion-relay inspect body.json", "notion-relay inspect - --format json < body.json"]
        ),
        .doctor: (
            "kafka url verification-tokens-file sealing-key-file api-token-file operations since format",
            ["notion-relay doctor --kafka localhost:9092 --url https://hooks.example.com/notion/webhooks"]
        ),
        .dev: (
            "listen operations path topic verification-tokens-file",
            ["notion-relay dev", "notion-relay dev --listen 127.0.0.1:8080 --verification-tokens-file tokens"]
        ),
        .demo: ("", ["notion-relay demo"]),
        .completions: (
            "",
            [
                "source <(notion-relay completions bash)",
                "notion-relay completions fish > ~/.config/fish/completions/notion-relay.fish",
            ]
        ),
        .man: ("", ["notion-relay man | man -l -", "notion-relay man > notion-relay.1"]),
    ]
}

/// The version of this program, as `--version`, the build metric and the client id say it.
package enum Version {
    package static let text = "0.1.0"
}
