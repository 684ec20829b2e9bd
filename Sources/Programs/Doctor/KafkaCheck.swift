import Kafka

enum KafkaFacts: Sendable, Equatable {
    case reached(brokers: Int)
    case refusedSettings(KafkaError)
    /// The client's errors, oldest first, up to the error of the request itself.
    case unreachable([KafkaError])
}

struct KafkaReader {
    let settings: DoctorSettings

    // Limit: of one request; between two of them the client is asked for its errors.
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
                // Limit: a client that cannot connect reports it many times a second.
                errors = (errors + admin.takeErrors() + [error]).suffix(256)
            }
            if errors.contains(where: Self.isDecisive) || clock.now >= deadline { return (.unreachable(errors), nil) }
        }
    }

    /// With no broker left, or a wrong password, more time would not help.
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

enum KafkaCheck {
    static func findings(_ facts: KafkaFacts, servers: [String]) -> [Finding] {
        var found = Findings(.kafka, texts, about: servers.joined(separator: ","))
        switch facts {
        case .reached(let brokers):
            found.add("kafka_reachable", ["brokers": Words.count(brokers, "broker")])
            if brokers == 1 { found.add("single_broker") }
        case .refusedSettings(let error): found.add("kafka_settings", ["reason": error.message])
        case .unreachable(let errors):
            let (row, reason) = cause(of: errors)
            found.add(row, ["reason": reason, "effect": effect])
        }
        return found.all
    }

    private static func cause(of errors: [KafkaError]) -> (row: String, reason: String) {
        for cause in causes {
            let error = errors.first { cause.names.contains($0.name) && (cause.part.map($0.message.contains) ?? true) }
            if let error { return (cause.row, error.message) }
        }
        let last = errors.last { $0.name == "_TRANSPORT" } ?? errors.last
        return ("kafka_silent", last.map { ": \($0.message)" } ?? "")
    }

    /// The most specific come first: a broker that refuses a password also closes the connection.
    private static let causes: [(row: String, names: Set<String>, part: String?)] = [
        ("kafka_authentication", ["_AUTHENTICATION", "SASL_AUTHENTICATION_FAILED", "UNSUPPORTED_SASL_MECHANISM"], nil),
        (
            "kafka_authorization",
            [
                "TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED",
                "SECURITY_DISABLED",
            ], nil
        ),
        ("kafka_tls", ["_SSL"], nil), ("kafka_tls/listener", ["_TRANSPORT"], "SSL listener"),
        ("kafka_name_unknown", ["_RESOLVE"], nil), ("kafka_refused", ["_TRANSPORT"], "refused"),
    ]

    private static let effect = "The edge answers 503 and publishes nothing; Notion retries for about a day."

    static let texts = CheckTexts(
        """
        kafka_reachable ok
          {brokers} in the cluster
        single_broker warning delivery
          the cluster has one broker
          Each record is on one machine only: while it is down nothing can be received, and if its disk fails the \
        records are lost. Notion retries for about a day.
          In production run three brokers, with replication factor 3 and min.insync.replicas 2.
        kafka_settings error
          the client's options are refused: {reason}
          The edge cannot start with these options either.
          Correct --kafka-option; librdkafka's CONFIGURATION.md lists all names and values.
        kafka_authentication error delivery
          the brokers refuse the credentials: {reason}
          {effect}
          Check sasl.mechanism, sasl.username and sasl.password, and whether the password was changed.
        kafka_authorization error delivery
          the user lacks a permission: {reason}
          {effect}
          Grant this user what docs/kafka-access.md lists for each command.
        kafka_tls error delivery
          TLS with the brokers fails: {reason}
          {effect}
          Check security.protocol (SSL or SASL_SSL for a TLS listener), ssl.ca.location, and the certificate's names \
        and dates.
        kafka_tls/listener error delivery
          the brokers seem to expect TLS: {reason}
          {effect}
          Check security.protocol (SSL or SASL_SSL for a TLS listener), ssl.ca.location, and the certificate's names \
        and dates.
        kafka_name_unknown error delivery
          a broker's name cannot be resolved: {reason}
          {effect}
          Check --kafka for a typing error, and this machine's DNS.
        kafka_refused error delivery
          nothing listens at a broker's address: {reason}
          {effect}
          Start the brokers, or correct host and port in --kafka.
        kafka_silent error delivery
          no broker answers in time{reason}
          {effect}
          Check the network and the firewalls between here and the brokers, and whether the brokers hang. Brokers \
        that advertise addresses which cannot be reached from here (advertised.listeners) look the same.
        """
    )
}
