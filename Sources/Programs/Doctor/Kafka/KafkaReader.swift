import Kafka

/// Asks the brokers what they are, and what the topics are like.
struct KafkaReader {
    let settings: DoctorSettings

    // Limit: of one request; between two of them the client is asked what it has met.
    private static let requestMax = Duration.milliseconds(500)

    func read() async -> (facts: KafkaFacts, topics: TopicsFacts?) {
        let admin: Admin
        do throws(KafkaError) {
            admin = try Admin(settings.client)
        } catch {
            return (.refusedSettings(error), nil)
        }
        defer { admin.close() }
        let names = [settings.topic, settings.deadLetterTopic, settings.subscriptionsTopic]
        let clock = ContinuousClock()
        let deadline = clock.now + settings.timeout
        var errors: [KafkaError] = []
        while true {
            do throws(KafkaError) {
                let left = min(Self.requestMax, max(.milliseconds(1), deadline - clock.now))
                let cluster = try await admin.describeCluster(topics: names, timeout: left)
                return (.reached(brokers: cluster.brokers), await topics(cluster, admin))
            } catch {
                // Limit: a client that cannot connect tells of it many times a second.
                errors = (errors + admin.takeErrors() + [error]).suffix(256)
            }
            if errors.contains(where: Self.isDecisive) || clock.now >= deadline { return (.unreachable(errors), nil) }
        }
    }

    /// With none of the brokers left, or the wrong password, more time would not help.
    private static func isDecisive(_ error: KafkaError) -> Bool {
        ["_ALL_BROKERS_DOWN", "_AUTHENTICATION"].contains(error.name)
    }

    private func topics(_ cluster: ClusterDescription, _ admin: Admin) async -> TopicsFacts {
        var facts = TopicsFacts(brokers: cluster.brokers)
        for (name, partitions) in cluster.topics { facts.topics[name] = TopicFacts(partitions: partitions) }
        guard !facts.topics.isEmpty else { return facts }
        do throws(KafkaError) {
            let described = try await admin.describeTopics(facts.topics.keys.sorted(), timeout: settings.timeout)
            for (name, topic) in described { facts.topics[name]?.config = topic.config.compactMapValues(\.value) }
        } catch {
            facts.configFailure = error.message
        }
        return facts
    }
}
