import Kafka
import Subscriptions
import Testing

@testable import Doctor

@Suite
struct TopicsCheckTests {
    private static let good = [
        "cleanup.policy": "delete", "min.insync.replicas": "2", "max.message.bytes": "2097152",
        "retention.ms": "604800000", "message.timestamp.type": "CreateTime",
    ]

    private static func partition(
        _ replicas: Int,
        _ inSync: Int? = nil,
        leader: Bool = true
    )
        -> ClusterDescription.Partition
    {
        ClusterDescription.Partition(hasLeader: leader, replicas: replicas, inSyncReplicas: inSync ?? replicas)
    }

    private static func facts(brokers: Int = 3) -> TopicsFacts {
        var facts = TopicsFacts(brokers: brokers)
        let three = TopicFacts(partitions: [partition(3), partition(3)], config: good)
        facts.topics = ["events": three, "letters": three]
        var compacted = good
        compacted["cleanup.policy"] = "compact"
        facts.topics["subscriptions"] = TopicFacts(partitions: [partition(3)], config: compacted)
        return facts
    }

    private struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let troubles: [String]
        let change: @Sendable (inout TopicsFacts) -> Void

        init(_ name: String, _ troubles: [String], _ change: @escaping @Sendable (inout TopicsFacts) -> Void) {
            testDescription = name
            self.troubles = troubles
            self.change = change
        }

        /// A setting of a topic.
        init(_ topic: String, _ name: String, _ value: String, _ troubles: [String]) {
            self.init("\(topic): \(name)=\(value)", troubles) { $0.topics[topic]?.config?[name] = value }
        }
    }

    private static let cases: [Case] = [
        Case("all is in order", []) { _ in },
        Case("no events topic", ["error topic_missing events"]) { $0.topics["events"] = nil },
        Case("no dead-letter topic", ["error topic_missing letters"]) { $0.topics["letters"] = nil },
        Case("no subscriptions topic", ["error topic_missing subscriptions"]) { $0.topics["subscriptions"] = nil },
        Case("events", "cleanup.policy", "compact", ["error topic_compacted events"]),
        Case("letters", "cleanup.policy", "compact,delete", ["error topic_compacted letters"]),
        Case("subscriptions", "cleanup.policy", "delete", ["error subscriptions_not_compacted subscriptions"]),
        Case("events", "min.insync.replicas", "4", ["warning min_insync_above_replicas events"]),
        Case("events", "min.insync.replicas", "3", []),
        Case("events", "min.insync.replicas", "1", ["warning min_insync_one events"]),
        Case("events", "max.message.bytes", "1048588", ["warning messages_too_small events"]),
        Case("subscriptions", "max.message.bytes", "1048588", []),
        Case("events", "retention.ms", "3600000", ["warning retention_short events"]),
        Case("events", "retention.ms", "-1", []),
        Case("events", "retention.ms", "86400000", []),
        Case("events", "message.timestamp.type", "LogAppendTime", ["warning log_append_time events"]),
        Case("events", "min.insync.replicas", "many", []),
        Case("two partitions of subscriptions", ["error subscriptions_partitions subscriptions"]) {
            $0.topics["subscriptions"]?.partitions = [partition(3), partition(3)]
        },
        Case("a replica behind", ["warning replicas_out_of_sync events"]) {
            $0.topics["events"]?.partitions = [partition(3), partition(3, 2)]
        },
        Case("too few in sync", ["error too_few_in_sync events", "warning replicas_out_of_sync events"]) {
            $0.topics["events"]?.partitions = [partition(3), partition(3, 1)]
        },
        Case(
            "above the replicas, which since Kafka 3.7 count as all of them, and one is behind",
            [
                "error too_few_in_sync events", "warning min_insync_above_replicas events",
                "warning replicas_out_of_sync events",
            ]
        ) {
            $0.topics["events"]?.partitions = [partition(3), partition(3, 2)]
            $0.topics["events"]?.config?["min.insync.replicas"] = "4"
        },
        Case("above the one replica of one broker", ["warning min_insync_above_replicas events"]) {
            $0.brokers = 1
            for name in $0.topics.keys {
                $0.topics[name]?.partitions = [partition(1)]
                $0.topics[name]?.config?["min.insync.replicas"] = name == "events" ? "2" : "1"
            }
        },
        Case("no leader", ["error partition_without_leader events"]) {
            $0.topics["events"]?.partitions = [partition(3), partition(3, 0, leader: false)]
        },
        Case("one replica of three brokers", ["warning replication_factor_one events"]) {
            $0.topics["events"]?.partitions = [partition(1)]
            $0.topics["events"]?.config?["min.insync.replicas"] = "1"
        },
        Case("one replica of one broker", []) {
            $0.brokers = 1
            for name in $0.topics.keys {
                $0.topics[name]?.partitions = [partition(1)]
                $0.topics[name]?.config?["min.insync.replicas"] = "1"
            }
        },
        Case("settings that may not be read", ["warning topics_not_read settings of the topics"]) {
            $0.configFailure = "not allowed"
            for name in $0.topics.keys { $0.topics[name]?.config = nil }
        },
    ]

    @Test(arguments: cases)
    private func `a topic that is not set up as the edge needs it is named`(given: Case) throws {
        var facts = Self.facts()
        given.change(&facts)
        let settings = DoctorSample.settings { $0.keys = SealingKeys([.generate()]) }
        let found = TopicsCheck.findings(facts, settings)
        #expect(DoctorSample.troubles(found) == given.troubles)
        DoctorSample.expectAdvice(found)
    }

    @Test func `without a sealing key the subscriptions topic is not needed`() {
        var facts = Self.facts()
        facts.topics["subscriptions"] = nil
        #expect(DoctorSample.troubles(TopicsCheck.findings(facts, DoctorSample.settings())) == [])
    }
}
