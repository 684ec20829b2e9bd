import Kafka
import Subscriptions

/// Says what is wrong with the topics of the edge.
struct TopicsJudge {
    enum Role {
        case events, deadLetters, subscriptions
    }

    let facts: TopicsFacts
    let settings: DoctorSettings
    private var found: [Finding] = []

    static func findings(_ facts: TopicsFacts, _ settings: DoctorSettings) -> [Finding] {
        var judge = TopicsJudge(facts: facts, settings: settings)
        judge.judge(.events, settings.topic)
        judge.judge(.deadLetters, settings.deadLetterTopic)
        if !settings.keys.isEmpty { judge.judge(.subscriptions, settings.subscriptionsTopic) }
        if let failure = facts.configFailure {
            judge.found.append(.notRead(.topics, "settings of the topics", "\(failure) (the right DescribeConfigs?)"))
        }
        return judge.found
    }

    private init(facts: TopicsFacts, settings: DoctorSettings) {
        self.facts = facts
        self.settings = settings
    }

    private mutating func judge(_ role: Role, _ name: String) {
        guard let topic = facts.topics[name] else { return missing(role, name) }
        let before = found.count
        partitions(topic, name)
        replication(topic, name)
        cleanup(role, topic, name)
        if role != .subscriptions { limits(topic, name) }
        guard found.count == before else { return }
        let factor = topic.replicationFactor
        let text = "\(Words.count(topic.partitions.count, "partition")), replication factor \(factor), all in sync"
        found.append(Finding(.topics, "topic_in_order", .ok, name, text))
    }

    private mutating func add(
        _ check: String,
        _ level: Finding.Level,
        _ name: String,
        _ title: String,
        meaning: String,
        advice: String
    ) {
        found.append(Finding(.topics, check, level, name, title, meaning: meaning, advice: advice))
    }

    private mutating func missing(_ role: Role, _ name: String) {
        let meaning =
            switch role {
            case .events: "The edge is not ready and answers 503: no event can be kept."
            case .deadLetters: "A delivery that cannot be understood has no place to go, and is answered 503."
            case .subscriptions: "The edge cannot follow the tokens that are sealed there, and enrols nobody."
            }
        add(
            "topic_missing",
            .error,
            name,
            "the topic does not exist, or this user may not see it",
            meaning: meaning,
            advice: "Run notion-relay topics apply with the same settings; with ACLs check the right Describe."
        )
    }

    private mutating func partitions(_ topic: TopicFacts, _ name: String) {
        let leaderless = topic.partitions.count { !$0.hasLeader }
        if leaderless > 0 {
            add(
                "partition_without_leader",
                .error,
                name,
                "\(leaderless) of \(Words.count(topic.partitions.count, "partition")) have no leader",
                meaning: "Events whose entity belongs there are answered 503, and are not delivered to consumers.",
                advice: "Bring the brokers back that hold these partitions: kafka-topics.sh --describe "
                    + "--unavailable-partitions."
            )
        }
        let behind = topic.partitions.count { $0.hasLeader && $0.inSyncReplicas < $0.replicas }
        if behind > 0 {
            add(
                "replicas_out_of_sync",
                .warning,
                name,
                "\(Words.count(behind, "partition")) with replicas that are not in sync",
                meaning: "A broker is down or slow; with one more gone, acknowledged records may be out of reach.",
                advice: "Look for the missing broker: kafka-topics.sh --describe --under-replicated-partitions."
            )
        }
    }

    private mutating func replication(_ topic: TopicFacts, _ name: String) {
        let factor = topic.replicationFactor
        // One broker can do no better, and has a finding of its own.
        if factor == 1, facts.brokers > 1 {
            add(
                "replication_factor_one",
                .warning,
                name,
                "each record is on one broker only",
                meaning: "When that broker is lost, so are its records, also those that were answered 200.",
                advice: "Raise the replication factor to 3 with kafka-reassign-partitions.sh."
            )
        }
        guard let least = topic.number("min.insync.replicas") else { return }
        let inSync = topic.partitions.filter(\.hasLeader).map(\.inSyncReplicas).min() ?? factor
        if least > factor {
            add(
                "min_insync_above_replicas",
                .error,
                name,
                "min.insync.replicas is \(least), and there \(factor == 1 ? "is 1 replica" : "are \(factor) replicas")",
                meaning: "No write with acks=all can ever succeed: every delivery is answered 503.",
                advice: "Lower min.insync.replicas to \(max(1, factor - 1)), or raise the replication factor."
            )
        } else if least > inSync {
            add(
                "too_few_in_sync",
                .error,
                name,
                "\(Words.count(inSync, "replica")) in sync, and min.insync.replicas is \(least)",
                meaning: "Writes with acks=all are refused until a replica is back: deliveries are answered 503.",
                advice: "Bring the missing brokers back. Lowering min.insync.replicas risks what is acknowledged then."
            )
        } else if least == 1, factor > 1 {
            add(
                "min_insync_one",
                .warning,
                name,
                "min.insync.replicas is 1 with \(factor) replicas",
                meaning: "An acknowledged record may be on a single broker, and be lost with it.",
                advice: "Set min.insync.replicas to \(max(2, factor - 1)) on the topic."
            )
        }
    }

    private mutating func cleanup(_ role: Role, _ topic: TopicFacts, _ name: String) {
        if role == .subscriptions { return subscriptions(topic, name) }
        guard topic.isCompacted == true else { return }
        add(
            "topic_compacted",
            .error,
            name,
            "cleanup.policy is \(topic.config?["cleanup.policy"] ?? "")",
            meaning: "Kafka takes away all but the newest record of each entity: events vanish unread.",
            advice: "Set cleanup.policy=delete on the topic."
        )
    }

    private mutating func subscriptions(_ topic: TopicFacts, _ name: String) {
        if topic.isCompacted == false {
            add(
                "subscriptions_not_compacted",
                .error,
                name,
                "cleanup.policy is \(topic.config?["cleanup.policy"] ?? "")",
                meaning: "Tokens are deleted when the retention time is over, and the edge refuses all events then.",
                advice: "Set cleanup.policy=compact on the topic."
            )
        }
        if topic.partitions.count != 1 {
            add(
                "subscriptions_partitions",
                .error,
                name,
                "there are \(topic.partitions.count) partitions",
                meaning: "The edge follows a topic of one partition, in which tokens have one order.",
                advice: "Create a topic with one partition and name it with --subscriptions-topic."
            )
        }
    }

    private mutating func limits(_ topic: TopicFacts, _ name: String) {
        let wanted = settings.bodyBytesMax * 2
        if let most = topic.number("max.message.bytes"), most < wanted {
            add(
                "messages_too_small",
                .warning,
                name,
                "max.message.bytes is \(most); a body of body_bytes_max may need \(wanted)",
                meaning: "A large event is refused by the broker and answered 413, each time that Notion sends it.",
                advice: "Set max.message.bytes to \(wanted) on the topic, or lower --body-bytes-max."
            )
        }
        if let kept = topic.number("retention.ms"), kept >= 0, kept < 86_400_000 {
            add(
                "retention_short",
                .warning,
                name,
                "records are kept for \(Words.span(UInt64(kept)))",
                meaning: "Notion itself tries for a day; consumers that are down for a night lose events here.",
                advice: "Raise retention.ms to a week or more."
            )
        }
        if topic.config?["message.timestamp.type"] == "LogAppendTime" {
            add(
                "log_append_time",
                .warning,
                name,
                "message.timestamp.type is LogAppendTime",
                meaning: "The broker replaces the time of receipt; replays and tail --from go by the broker's time, "
                    + "and a record that is sent again becomes new.",
                advice: "Set message.timestamp.type=CreateTime on the topic."
            )
        }
    }
}
