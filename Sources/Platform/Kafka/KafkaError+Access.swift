import CRdKafka

extension KafkaError {
    /// The brokers refuse this client until somebody changes a right, a login or a version: trying again at once is of
    /// no use.
    package var isAccessRefused: Bool { isAuthorization || isAuthentication || isUnsupported }

    /// The user that is logged in lacks a right.
    package var isAuthorization: Bool { Self.authorizationCodes.contains(code) }

    /// There is no login: SASL or TLS fails.
    package var isAuthentication: Bool { Self.loginCodes.contains(code) || isTLS }

    /// A TLS handshake fails, or a broker says in an alert what it has against this client's certificate: in TLS 1.3
    /// that comes after the handshake, with the first bytes that are read.
    private var isTLS: Bool {
        if code == RD_KAFKA_RESP_ERR__SSL.rawValue { return true }
        return code == RD_KAFKA_RESP_ERR__TRANSPORT.rawValue && message.contains("SSL alert number")
    }

    // Limit: older ones repeat a part of the nonce in SCRAM, which brokers let pass before Apache Kafka 4.0.
    private static let scramVersion = LibraryVersion(number: 0x0206_01ff)

    private var isOldSCRAM: Bool { message.contains("mechanism SCRAM") && LibraryVersion.current < Self.scramVersion }

    private var isUnsupported: Bool { Self.unsupportedCodes.contains(code) }

    /// The user lacks a right on one topic; others may do.
    package var isTopicAuthorization: Bool { code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED.rawValue }

    /// The code's name as a label: one of those that librdkafka knows, else `OTHER`.
    package var label: String { Self.knownNames.contains(name) ? name : "OTHER" }

    /// What to grant, or to correct, so that records can be written to the topic.
    package func remedy(toWrite topic: String) -> String? {
        switch code {
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED.rawValue: "grant this user Write on topic \(topic)"
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED.rawValue,
            RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED.rawValue:
            "grant this user Write on topic \(topic); brokers before 2.8 ask for IdempotentWrite on the cluster as well"
        case _ where isTLS:
            "check security.protocol, ssl.ca.location, and names and dates of the brokers' and the client's certificate"
        case _ where isAuthentication && isOldSCRAM:
            "check sasl.username and sasl.password; Apache Kafka 4.0 and newer refuse SCRAM of librdkafka before "
                + "\(Self.scramVersion), and this is \(LibraryVersion.current)"
        case _ where isAuthentication: "check security.protocol, sasl.mechanisms, sasl.username and sasl.password"
        case _ where isUnsupported:
            "the brokers do not support idempotent producers: Apache Kafka 0.11 or newer is needed"
        default: nil
        }
    }

    /// The same with what is needed to write to the topic, where that is a right.
    func toWrite(_ topic: String) -> KafkaError {
        guard isAuthorization, let remedy = remedy(toWrite: topic) else { return self }
        let detail = "\(topic): \(message); \(remedy)"
        return KafkaError(code: code, detail: detail, isFatal: isFatal, isRetriable: isRetriable)
    }

    /// What to grant so that the topic can be read, where that is a right.
    package func remedy(toRead topic: String) -> String? {
        isTopicAuthorization ? "grant this user Read on topic \(topic)" : nil
    }

    private static let authorizationCodes: Set<Int32> = [
        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED.rawValue, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED.rawValue,
        RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED.rawValue,
        RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED.rawValue,
    ]

    private static let loginCodes: Set<Int32> = [
        RD_KAFKA_RESP_ERR__AUTHENTICATION.rawValue, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED.rawValue,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM.rawValue, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE.rawValue,
        RD_KAFKA_RESP_ERR_SECURITY_DISABLED.rawValue,
    ]

    private static let unsupportedCodes: Set<Int32> = [
        RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE.rawValue, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION.rawValue,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT.rawValue,
    ]

    private static let knownNames: Set<String> = {
        var descriptions: UnsafePointer<rd_kafka_err_desc>?
        var count = 0
        rd_kafka_get_err_descs(&descriptions, &count)
        // Some of librdkafka's numbers are of no error and have no name.
        let names = (0..<count).compactMap { descriptions?[$0].name.map { String(cString: $0) } }
        return Set(names)
    }()
}
