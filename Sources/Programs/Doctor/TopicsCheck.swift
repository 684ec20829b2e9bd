import Kafka
import Subscriptions

struct TopicsFacts: Sendable, Equatable {
    var brokers: Int
    var topics: [String: TopicFacts] = [:]
    var configFailure: String?
}

struct TopicFacts: Sendable, Equatable {
    var partitions: [ClusterDescription.Partition]
    /// The values in force, by Kafka's names; nil when they could not be read.
    var config: [String: String]?

    var replicationFactor: Int { partitions.map(\.replicas).min() ?? 0 }

    func number(_ name: String) -> Int? { config?[name].flatMap { Int($0) } }

    var cleanupPolicy: String? { config?["cleanup.policy"] }
}

struct TopicsCheck {
    private enum Role: String {
        case events
        case deadLetters = "dead_letters"
        case subscriptions
    }

    private let facts: TopicsFacts
    private let settings: DoctorSettings
    private var found = Findings(.topics, texts)

    static func findings(_ facts: TopicsFacts, _ settings: DoctorSettings) -> [Finding] {
        var check = TopicsCheck(facts: facts, settings: settings)
        check.topic(.events, settings.topic)
        check.topic(.deadLetters, settings.deadLetterTopic)
        if !settings.keys.isEmpty { check.topic(.subscriptions, settings.subscriptionsTopic) }
        if let failure = facts.configFailure {
            check.found.append(.notRead(.topics, "settings of the topics", failure))
        }
        return check.found.all
    }

    private mutating func topic(_ role: Role, _ name: String) {
        guard let topic = facts.topics[name] else { return found.add("topic_missing/\(role.rawValue)", about: name) }
        let before = found.all.count
        partitions(topic, name)
        replication(topic, name)
        if role == .subscriptions { subscriptions(topic, name) } else { records(topic, name) }
        guard found.all.count == before else { return }
        let partitions = Words.count(topic.partitions.count, "partition")
        found.add("topic_in_order", about: name, ["partitions": partitions, "factor": topic.replicationFactor])
    }

    private mutating func partitions(_ topic: TopicFacts, _ name: String) {
        let leaderless = topic.partitions.count { !$0.hasLeader }
        if leaderless > 0 {
            let all = Words.count(topic.partitions.count, "partition")
            found.add("partition_without_leader", about: name, ["count": leaderless, "partitions": all])
        }
        let behind = topic.partitions.count { $0.hasLeader && $0.inSyncReplicas < $0.replicas }
        if behind > 0 {
            found.add("replicas_out_of_sync", about: name, ["partitions": Words.count(behind, "partition")])
        }
    }

    private mutating func replication(_ topic: TopicFacts, _ name: String) {
        let factor = topic.replicationFactor
        // A cluster of one broker can do no better, and has a finding of its own.
        if factor == 1, facts.brokers > 1 { found.add("replication_factor_one", about: name) }
        guard let least = topic.number("min.insync.replicas") else { return }
        if least > factor {
            let values: [String: any CustomStringConvertible] = [
                "least": least, "factor": factor, "wanted": max(1, factor - 1),
            ]
            let row = factor == 1 ? "min_insync_above_replicas/one" : "min_insync_above_replicas/several"
            found.add(row, about: name, values)
        }
        // Brokers since Apache Kafka 3.7 count so; older ones take no write where the finding above is made.
        let short = topic.partitions.filter { $0.hasLeader && $0.inSyncReplicas < min(least, $0.replicas) }
        if let inSync = short.map(\.inSyncReplicas).min() {
            found.add("too_few_in_sync", about: name, ["least": least, "replicas": Words.count(inSync, "replica")])
        } else if least == 1, factor > 1 {
            found.add("min_insync_one", about: name, ["factor": factor, "wanted": max(2, factor - 1)])
        }
    }

    private mutating func records(_ topic: TopicFacts, _ name: String) {
        if let policy = topic.cleanupPolicy, policy.contains("compact") {
            found.add("topic_compacted", about: name, ["policy": policy])
        }
        let wanted = settings.bodyBytesMax * 2
        if let most = topic.number("max.message.bytes"), most < wanted {
            found.add("messages_too_small", about: name, ["most": most, "wanted": wanted])
        }
        if let kept = topic.number("retention.ms"), kept >= 0, kept < 86_400_000 {
            found.add("retention_short", about: name, ["time": Words.span(UInt64(kept))])
        }
        if topic.config?["message.timestamp.type"] == "LogAppendTime" { found.add("log_append_time", about: name) }
    }

    private mutating func subscriptions(_ topic: TopicFacts, _ name: String) {
        if let policy = topic.cleanupPolicy, !policy.contains("compact") {
            found.add("subscriptions_not_compacted", about: name, ["policy": policy])
        }
        if topic.partitions.count != 1 {
            found.add("subscriptions_partitions", about: name, ["count": topic.partitions.count])
        }
    }

    static let texts = CheckTexts(
        """
        topic_in_order ok
          {partitions}, replication factor {factor}, all in sync
        topic_missing/events error
          the topic does not exist, or this user may not see it
          The edge is not ready and answers 503: no event can be published.
          Run notion-relay topics apply with the same settings; with ACLs, grant this user Read on it.
        topic_missing/dead_letters error
          the topic does not exist, or this user may not see it
          A delivery that cannot be understood cannot be stored, and is answered 503.
          Run notion-relay topics apply with the same settings; with ACLs, grant this user Read on it.
        topic_missing/subscriptions error
          the topic does not exist, or this user may not see it
          The edge cannot read the tokens that are sealed there, and accepts no handshake.
          Run notion-relay topics apply with the same settings; with ACLs, grant this user Read on it.
        partition_without_leader error
          {count} of {partitions} without a leader
          Events whose entity belongs there are answered 503, and consumers do not receive them.
          Start the brokers that hold these partitions: kafka-topics.sh --describe --unavailable-partitions.
        replicas_out_of_sync warning
          {partitions} with replicas that are not in sync
          A broker is down or slow; if another one fails, acknowledged records may become unavailable.
          Find the missing broker: kafka-topics.sh --describe --under-replicated-partitions.
        replication_factor_one warning
          each record is on one broker only
          If that broker is lost, so are its records, also those that were answered 200.
          Raise the replication factor to 3 with kafka-reassign-partitions.sh.
        min_insync_above_replicas/one warning
          min.insync.replicas is {least}, above the replication factor {factor}
          Brokers since Apache Kafka 3.7 count {factor} in its place, so that a record is acknowledged by one broker \
        alone; older ones refuse every write with acks=all, and deliveries are answered 503.
          Raise the replication factor above {least}, or lower min.insync.replicas to {wanted}.
        min_insync_above_replicas/several warning
          min.insync.replicas is {least}, above the replication factor {factor}
          Brokers since Apache Kafka 3.7 count {factor} in its place, so that one broker that is down stops all \
        writes; older ones refuse every write with acks=all, and deliveries are answered 503.
          Lower min.insync.replicas to {wanted}, or raise the replication factor above {least}.
        too_few_in_sync error
          {replicas} in sync, and min.insync.replicas is {least}
          Writes with acks=all are refused until another replica is in sync: deliveries are answered 503.
          Start the missing brokers. With a lower min.insync.replicas, records acknowledged meanwhile may be lost.
        min_insync_one warning
          min.insync.replicas is 1 with {factor} replicas
          An acknowledged record may be on a single broker, and be lost with it.
          Set min.insync.replicas to {wanted} on the topic.
        topic_compacted error
          cleanup.policy is {policy}
          Kafka deletes all but the newest record of each entity, also events that no consumer has read.
          Set cleanup.policy=delete on the topic.
        subscriptions_not_compacted error
          cleanup.policy is {policy}
          Tokens are deleted after the retention time, and from then on the edge refuses all events.
          Set cleanup.policy=compact on the topic.
        subscriptions_partitions error
          there are {count} partitions
          The edge needs a topic of one partition, so that the changes of tokens have one order.
          Create a topic with one partition and name it with --subscriptions-topic.
        messages_too_small warning
          max.message.bytes is {most}; a body of body_bytes_max may need {wanted}
          The broker refuses a large event, and each attempt of Notion's to deliver it is answered 413.
          Set max.message.bytes to {wanted} on the topic, or lower --body-bytes-max.
        retention_short warning
          records are kept for {time}
          Notion itself retries for a day; consumers that are down overnight lose events.
          Raise retention.ms to a week or more.
        log_append_time warning
          message.timestamp.type is LogAppendTime
          The broker replaces the time of receipt: replays and tail --from use the broker's time, and a record that \
        is sent again counts as new.
          Set message.timestamp.type=CreateTime on the topic.
        """
    )
}
