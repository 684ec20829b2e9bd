extension SettingsTable {
    private static let edgeCommands: [Command] = [.receive, .dev]

    static let edge: [Setting] = [
        Setting(
            .listen,
            yaml: "listen",
            flag: "listen",
            .address,
            default: "0.0.0.0:8080",
            "Public address: deliveries and nothing else.",
            for: edgeCommands
        ),
        Setting(
            .operations,
            yaml: "operations",
            flag: "operations",
            .address,
            default: "127.0.0.1:9090",
            "Address of /livez, /readyz and /metrics; keep it private.",
            for: edgeCommands + [.forward, .doctor]
        ),
        Setting(
            .path,
            yaml: "path",
            flag: "path",
            .urlPath,
            default: "/notion/webhooks",
            "Path that deliveries are posted to.",
            for: edgeCommands + [.doctor]
        ),
        Setting(
            .key,
            yaml: "key",
            flag: "key",
            .choice(["entity", "page", "workspace"]),
            default: "entity",
            "What the record key is, and so what stays in order.",
            for: edgeCommands + [.replay, .inspect]
        ),
        Setting(
            .cloudEvents,
            yaml: "cloudevents",
            flag: "cloudevents",
            .choice(["binary", "structured"]),
            default: "binary",
            "A record's value: event v1, or (structured) a CloudEvent in JSON around it, for readers without headers.",
            for: edgeCommands + [.replay, .inspect]
        ),
        Setting(
            .verificationTokens,
            yaml: "verification_tokens",
            flag: "verification-tokens-file",
            .secrets,
            "Active verification tokens, one or several; in a file one a line, in a folder a file a subscription.",
            for: edgeCommands + [.replay, .subscriptionImport, .doctor, .inspect]
        ),
        Setting(
            .sealingKeys,
            yaml: "sealing_key",
            flag: "sealing-key-file",
            .secrets,
            "Key that seals tokens in the subscriptions topic and has it followed; while it is replaced, new and old.",
            for: [.receive, .doctor] + subscriptionCommands
        ),
        Setting(
            .subscriptionsTopic,
            yaml: "subscriptions_topic",
            flag: "subscriptions-topic",
            .topicName,
            default: "notion.subscriptions.v1",
            "Compacted topic of sealed tokens and what is known of them.",
            for: [.receive, .topicsPlan, .topicsApply, .doctor] + subscriptionCommands
        ),
        Setting(
            .enrolment,
            yaml: "enrolment",
            flag: "enrolment",
            .choice(["open", "closed"]),
            note: "open with a sealing key or without any token, else closed",
            "Whether a handshake's token is kept for an operator to read.",
            for: edgeCommands + [.doctor]
        ),
        Setting(
            .handshakeExpiry,
            yaml: "handshake_expiry",
            flag: "handshake-expiry",
            .duration(.seconds(1)...(.seconds(86_400))),
            default: "1h",
            "How long a handshake's token waits for a person in the subscriptions topic.",
            for: [.receive]
        ),
        Setting(
            .signature,
            yaml: "signature",
            flag: "signature",
            .choice(["required", "optional"]),
            default: "required",
            "Whether deliveries without a signature are refused, or pass with the header ce_verified: false.",
            for: edgeCommands + [.doctor]
        ),
        Setting(
            .loops,
            yaml: "loops",
            flag: "loops",
            .integer(1...64),
            default: "1",
            "Event loops, each a thread with its own connections.",
            for: edgeCommands
        ),
        Setting(
            .gracePeriod,
            yaml: "grace_period",
            flag: "grace-period",
            .duration(.seconds(1)...(.seconds(3600))),
            default: "25s",
            "Longest stop: finish what was accepted or is being handled, flush, leave.",
            for: edgeCommands + [.forward]
        ),
    ]

    static let limits: [Setting] = [
        Setting(
            .bodyBytesMax,
            yaml: "limits.body_bytes_max",
            flag: "body-bytes-max",
            .bytes(1024...16_777_216),
            default: "1MiB",
            "Longest body; a longer one is answered 413.",
            for: edgeCommands + [.doctor]
        ),
        Setting(
            .inFlightRecordsMax,
            yaml: "limits.in_flight_records_max",
            flag: "in-flight-records-max",
            .integer(1...1_000_000),
            default: "10000",
            "Deliveries that wait for Kafka at once; above it 503.",
            for: edgeCommands
        ),
        Setting(
            .inFlightBytesMax,
            yaml: "limits.in_flight_bytes_max",
            flag: "in-flight-bytes-max",
            .bytes(65_536...17_179_869_184),
            default: "64MiB",
            "Bytes of deliveries that wait for Kafka at once; above it 503.",
            for: edgeCommands
        ),
        Setting(
            .connectionsMax,
            yaml: "limits.connections_max",
            flag: "connections-max",
            .integer(1...1_000_000),
            default: "20000",
            "Open connections; further ones wait in the kernel's queue.",
            for: edgeCommands
        ),
        Setting(
            .connectionsPerAddressMax,
            yaml: "limits.connections_per_address_max",
            flag: "connections-per-address-max",
            .integer(0...1_000_000),
            default: "0",
            "Open connections of one client, an IPv6 /64 being one; 0 is no limit.",
            for: edgeCommands
        ),
        Setting(
            .requestsPerConnectionMax,
            yaml: "limits.requests_per_connection_max",
            flag: "requests-per-connection-max",
            .integer(0...1_000_000_000),
            default: "0",
            "Requests after which a connection is closed, so that clients spread anew; 0 is no limit.",
            for: edgeCommands
        ),
        Setting(
            .trustedProxies,
            yaml: "trusted_proxies",
            flag: "trusted-proxies",
            .networks,
            "Proxies whose Forwarded or X-Forwarded-For names the client in the log; unix for a Unix socket's.",
            for: edgeCommands
        ),
        deadline(
            .headerDeadline,
            "header_deadline",
            "10s",
            "Longest time for a whole request head, from its first byte."
        ),
        deadline(.bodyDeadline, "body_deadline", "10s", "Longest time for a whole body, from the end of the head."),
        deadline(.idleDeadline, "idle_deadline", "75s", "Longest time a connection may stay without a request."),
        deadline(.writeDeadline, "write_deadline", "10s", "Longest time for the client to take an answer."),
        deadline(
            .requestDeadline,
            "request_deadline",
            "10s",
            "Longest time to the answer, from the end of the body; then 503."
        ),
    ]

    static let producer: [Setting] = [
        Setting(
            .messageTimeout,
            yaml: "producer.message_timeout",
            flag: "message-timeout",
            .duration(.milliseconds(100)...(.seconds(300))),
            default: "8s",
            "How long Kafka may take for the ack of a record; below request_deadline.",
            for: edgeCommands
        ),
        Setting(
            .linger,
            yaml: "producer.linger",
            flag: "linger",
            .duration(.zero...(.seconds(1))),
            default: "5ms",
            "How long a record waits for others to share its batch.",
            for: edgeCommands
        ),
        // None is the default: the batches of a short linger hold a few records, where compression costs more CPU at
        // the edge than it saves on the wire.
        Setting(
            .compression,
            yaml: "producer.compression",
            flag: "compression",
            .choice(["none", "gzip", "snappy", "lz4", "zstd"]),
            default: "none",
            "Compression of batches; none costs the least CPU on the small batches of a short linger.",
            for: edgeCommands
        ),
        Setting(
            .statisticsInterval,
            yaml: "producer.statistics_interval",
            flag: "statistics-interval",
            .duration(.seconds(1)...(.seconds(600))),
            default: "5s",
            "How often librdkafka's statistics reach the metrics.",
            for: edgeCommands
        ),
    ]

    private static func deadline(
        _ key: SettingKey,
        _ name: String,
        _ defaultText: String,
        _ sentence: String
    ) -> Setting {
        Setting(
            key,
            yaml: "limits." + name,
            flag: name.replacing("_", with: "-"),
            .duration(.milliseconds(100)...(.seconds(300))),
            default: defaultText,
            sentence,
            for: edgeCommands
        )
    }
}
