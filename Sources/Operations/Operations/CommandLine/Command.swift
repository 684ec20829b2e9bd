internal import TextOutput

/// The commands of the program; the raw value is what stands after `notion-relay`.
package enum Command: String, CaseIterable, Sendable {
    case receive
    case topicsPlan = "topics plan"
    case topicsApply = "topics apply"
    case tail, forward, redrive, replay, groups
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
    case doctor, inspect, dev, demo, completions, man

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

    package var sentence: String { texts[1] }

    /// The flags of the settings that most runs need, in the order in which `--help` shows them.
    package var commonFlags: [String] { texts[0].split(separator: " ").dropFirst().map { "--\($0)" } }

    /// One or two command lines that can be copied; shown by `--help` and in the manual page.
    package var examples: [String] { Array(texts.dropFirst(2)) }

    private var texts: [String] {
        guard let texts = Self.table[rawValue] else { preconditionFailure("Each command has a row: \(rawValue).") }
        return texts
    }

    /// By name. A row is the command with the flags of its common settings, then its sentence and its examples.
    private static let table = Dictionary(
        uniqueKeysWithValues: PlainText.blocks(rows).map { block in
            (String(block[0].prefix { $0 != ":" }), [String(block[0].drop { $0 != ":" })] + block.dropFirst())
        }
    )

    private static let rows = """
        receive: kafka listen operations path topic key sealing-key-file verification-tokens-file tls-certificate-file
          Receive Notion's webhooks, verify them and publish them to Kafka; 200 only after the ack.
          notion-relay receive --kafka kafka-1:9092,kafka-2:9092 --sealing-key-file /run/secrets/sealing-key
          notion-relay receive --kafka localhost:9092 --verification-tokens-file tokens --listen 127.0.0.1:8080
        topics plan: kafka topic dead-letter-topic subscriptions-topic group partitions replication-factor file
          Show what topics apply would create or find different; changes nothing.
          notion-relay topics plan --kafka localhost:9092 --group search
        topics apply: kafka topic dead-letter-topic subscriptions-topic group partitions replication-factor file
          Create the topics that are missing; never changes or deletes an existing one.
          notion-relay topics apply --kafka localhost:9092 --partitions 24 --replication-factor 3
        tail: kafka topic from last count exit-at-end format entity type grep
          Print the events of a topic, live or from a point on.
          notion-relay tail --kafka localhost:9092 --from beginning --exit-at-end
          notion-relay tail --kafka localhost:9092 --type 'page.*' --format json
        forward: kafka topic group url webhook-secrets-file types start lanes attempts after-dead-letter
          Post events to a service, signed, one at a time for each entity, with retries and dead letters.
          notion-relay forward --kafka localhost:9092 --group search --url http://localhost:3000/events
          notion-relay forward --kafka localhost:9092 --group search --url https://search.example.com/events \
        --webhook-secrets-file secrets --types 'page.*'
        redrive: kafka topic group entity type reason rate dry-run wait
          Send a group's dead letters back to their topic, in order, so that the group handles them again.
          notion-relay redrive --kafka localhost:9092 --group search --dry-run
          notion-relay redrive --kafka localhost:9092 --group search --type 'page.*' --rate 10/s
        replay: kafka topic from to last to-topic to-url to-stdout rate dry-run
          Send a stretch of a topic's history again, in order: to a topic, a service or stdout.
          notion-relay replay --kafka localhost:9092 --from 2026-10-01 --to-topic notion.replay --dry-run
          notion-relay replay --kafka localhost:9092 --last 1000 --to-stdout --format json
        groups: kafka topic group format
          Show how far consumer groups are, what is parked, and their dead letters.
          notion-relay groups --kafka localhost:9092 --group search
        groups pause: kafka topic group
          Let all members of a consumer group pause; what they are handling is finished.
          notion-relay groups pause --kafka localhost:9092 --group search
        groups resume: kafka topic group
          Let a consumer group that was paused go on.
          notion-relay groups resume --kafka localhost:9092 --group search
        subscription keygen:
          Print a new sealing key, which replicas and operators share; needs no Kafka.
          notion-relay subscription keygen > sealing-key
        subscription pending: kafka sealing-key-file reveal format
          Show the tokens that came in handshakes and wait for a person; hidden unless asked.
          notion-relay subscription pending --kafka localhost:9092 --sealing-key-file sealing-key --reveal
        subscription list: kafka sealing-key-file since format
          Show which tokens are active, whose they are, and how busy each one is.
          notion-relay subscription list --kafka localhost:9092 --sealing-key-file sealing-key
        subscription activate: fingerprint kafka sealing-key-file name
          Let all replicas accept deliveries that a token signed, within seconds.
          notion-relay subscription activate 0123456789ab --kafka localhost:9092 --name wiki
        subscription retire: fingerprint kafka at
          Let a token verify no more, now or from a time on; a pending one is discarded.
          notion-relay subscription retire 0123456789ab --kafka localhost:9092 --at 2026-10-06T09:00Z
        subscription import: kafka sealing-key-file verification-tokens-file name
          Put tokens that replicas have in their settings into the subscriptions topic.
          notion-relay subscription import --kafka localhost:9092 --sealing-key-file sealing-key \
        --verification-tokens-file tokens
        simulate deliver: url token ledger count entities rate connections duplicate tamper seed
          Play Notion: send signed deliveries to an endpoint, with retries, and keep a ledger.
          notion-relay simulate deliver --url http://localhost:8080/notion/webhooks --token secret_example --ledger \
        ledger.jsonl
        simulate check: kafka topic ledger
          Prove that every delivery the ledger has as answered 200 is in the topic, in order.
          notion-relay simulate check --kafka localhost:9092 --ledger ledger.jsonl
        config print: format config
          Print the settings of a command (default receive), each with its source; secrets hidden.
          notion-relay config print forward --group search
        config validate: config
          Check the settings of a command (default receive); exit 0 when good, 2 otherwise.
          notion-relay config validate receive --kafka localhost:9092 --loops 2
        doctor: kafka url verification-tokens-file sealing-key-file api-token-file operations since format
          Say why events do not come: looks at Kafka, topics, tokens, URL, edge and Notion's API.
          notion-relay doctor --kafka localhost:9092 --url https://hooks.example.com/notion/webhooks
        inspect: file signature verification-tokens-file format
          Explain a captured body: its signature, its type, what is new in it, the record it becomes.
          notion-relay inspect body.json
          notion-relay inspect - --format json < body.json
        dev: listen operations path topic verification-tokens-file
          Run the edge on an embedded, in-memory Kafka until Ctrl-C.
          notion-relay dev
          notion-relay dev --listen 127.0.0.1:8080 --verification-tokens-file tokens
        demo:
          Tell the whole story in under a minute on an embedded Kafka, then exit.
          notion-relay demo
        completions:
          Print a completion script for a shell, generated from this program's commands and settings.
          source <(notion-relay completions bash)
          notion-relay completions fish > ~/.config/fish/completions/notion-relay.fish
        man:
          Print the manual page notion-relay.1, for man and for packages.
          notion-relay man | man -l -
          notion-relay man > notion-relay.1
        """
}

/// The version of this program, as `--version`, the build metric and the client id say it.
package enum Version {
    package static let text = "0.1.0"
}
