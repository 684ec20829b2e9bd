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

    /// The command named by the first one or two words, and how many words that took.
    package static func named(by words: [String]) -> (command: Command, wordCount: Int)? {
        for count in [2, 1] where words.count >= count {
            if let command = Command(rawValue: words.prefix(count).joined(separator: " ")) {
                return (command, count)
            }
        }
        return nil
    }

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
        }
    }
}

/// The version of this program, as `--version`, the build metric and the client id say it.
package enum Version {
    package static let text = "0.1.0"
}
