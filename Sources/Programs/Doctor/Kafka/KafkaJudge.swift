import Kafka

/// Says why brokers do not answer.
enum KafkaJudge {
    static func findings(_ facts: KafkaFacts, servers: [String]) -> [Finding] {
        let subject = servers.joined(separator: ",")
        switch facts {
        case .reached(let brokers):
            let count = Words.count(brokers, "broker")
            let ok = Finding(.kafka, "kafka_reachable", .ok, subject, "\(count) in the cluster")
            return brokers == 1 ? [ok, singleBroker(subject)] : [ok]
        case .refusedSettings(let error):
            return [
                Finding(
                    .kafka,
                    "kafka_settings",
                    .error,
                    subject,
                    "the client's options are refused: \(error.message)",
                    meaning: "The edge cannot start with these options either.",
                    advice: "Correct --kafka-option; librdkafka's CONFIGURATION.md has all names and values."
                )
            ]
        case .unreachable(let errors): return [unreachable(errors, subject)]
        }
    }

    private static func singleBroker(_ subject: String) -> Finding {
        Finding(
            .kafka,
            "single_broker",
            .warning,
            subject,
            "the cluster has one broker",
            meaning: "Each record is on one machine only: when it is down nothing is received, and its disk is all "
                + "there is. Notion sends again for about a day, then events are lost.",
            advice: "In production run three brokers, with replication factor 3 and min.insync.replicas 2.",
            link: .delivery
        )
    }

    /// Why brokers do not answer, by an error that the client met.
    private struct Cause {
        let check: String
        let names: Set<String>
        /// What the error's text says, where its name says too little.
        var part: String?
        let title: String
        let advice: String

        func error(in errors: [KafkaError]) -> KafkaError? {
            errors.first { names.contains($0.name) && (part.map($0.message.contains) ?? true) }
        }
    }

    private static let tlsAdvice =
        "Check security.protocol (SSL or SASL_SSL for a TLS listener), ssl.ca.location, and the certificate's names "
        + "and dates."

    /// The most telling ones first: a broker that refuses a password also closes the connection.
    private static let causes = [
        Cause(
            check: "kafka_authentication",
            names: ["_AUTHENTICATION", "SASL_AUTHENTICATION_FAILED", "UNSUPPORTED_SASL_MECHANISM"],
            title: "the brokers refuse who we say we are",
            advice: "Check sasl.mechanism, sasl.username and sasl.password, and whether the password was changed."
        ),
        Cause(
            check: "kafka_authorization",
            names: [
                "TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED",
                "SECURITY_DISABLED",
            ],
            title: "the brokers know us and do not let us",
            advice: "Grant Describe on the cluster, and Write, Read and Describe on the topics, to this user."
        ),
        Cause(check: "kafka_tls", names: ["_SSL"], title: "TLS with the brokers fails", advice: tlsAdvice),
        Cause(
            check: "kafka_tls",
            names: ["_TRANSPORT"],
            part: "SSL listener",
            title: "the brokers want TLS, it seems",
            advice: tlsAdvice
        ),
        Cause(
            check: "kafka_name_unknown",
            names: ["_RESOLVE"],
            title: "a broker's name is not known",
            advice: "Check --kafka for a typing error, and this machine's DNS."
        ),
        Cause(
            check: "kafka_refused",
            names: ["_TRANSPORT"],
            part: "refused",
            title: "nothing listens there",
            advice: "Start the brokers, or correct host and port in --kafka."
        ),
    ]

    private static func unreachable(_ errors: [KafkaError], _ subject: String) -> Finding {
        for cause in causes {
            guard let error = cause.error(in: errors) else { continue }
            return finding(cause.check, subject, "\(cause.title): \(error.message)", cause.advice)
        }
        let last = errors.last { $0.name == "_TRANSPORT" } ?? errors.last
        return finding(
            "kafka_silent",
            subject,
            "no broker answers in time" + (last.map { ": \($0.message)" } ?? ""),
            "Check the network and firewalls on the way, and whether the brokers hang. A broker that can be reached "
                + "but names itself otherwise (advertised.listeners) looks the same."
        )
    }

    private static func finding(_ check: String, _ subject: String, _ title: String, _ advice: String) -> Finding {
        Finding(
            .kafka,
            check,
            .error,
            subject,
            title,
            meaning: "The edge answers 503 and publishes nothing; Notion sends again for about a day.",
            advice: advice,
            link: .delivery
        )
    }
}
