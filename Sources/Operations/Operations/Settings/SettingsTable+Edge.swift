package import HTTPServer
package import NotionEvents

private let forEdge = SettingArea(section: "", commands: Command.edge)
private let forReceive = SettingArea(section: "", commands: [.receive])
private let forLimits = SettingArea(section: "limits", commands: Command.edge)
private let forProducer = SettingArea(section: "producer", commands: Command.edge)
private let forSubscription = SettingArea(scope: "subscription", commands: Command.withSubscriptions)

package enum Enrolment: String, CaseIterable, Sendable {
    case open, closed
}

package enum SignatureRule: String, CaseIterable, Sendable {
    case required, optional
}

/// Whether each connection begins with a PROXY protocol header.
package enum ProxyProtocol: String, CaseIterable, Sendable {
    case off, required
}

package enum Compression: String, CaseIterable, Sendable {
    case none, gzip, snappy, lz4, zstd
}

extension SettingsTable {
    package struct Edge: Sendable {
        package let listen = forEdge("listen", .address, default: "0.0.0.0:8080")
            .help("Public address: deliveries and nothing else.")
        package let operations = forEdge("operations", .address, default: "127.0.0.1:9090")
            .alsoTaken(by: .forward, .doctor)
            .help("Address of /livez, /readyz and /metrics; keep it private.")
        package let operationsNames = forEdge.list("operations-names", .hostNames)
            .alsoTaken(by: .forward)
            .help("Names that the operations port may be called by, besides addresses and localhost.")
        package let path = forEdge("path", .urlPath, default: "/notion/webhooks").alsoTaken(by: .doctor)
            .help("Path that deliveries are posted to.")
        package let healthPath = forEdge("health-path", .urlPath, default: "/healthz")
            .help("Path of the public port that answers a balancer's probes: 200 while ready, else 503.")
        package let deadLetterRequired = forEdge.boolean("dead-letter-required")
            .help("Ready only while dead letters can be written; otherwise a log line says that they cannot.")
        package let key = forEdge("key", .choice(KeyStrategy.self), default: "entity")
            .alsoTaken(by: .replay, .inspect)
            .help("What the record key is, and so what stays in order.")
        package let cloudEvents = forEdge("cloudevents", .choice(ContentMode.self), default: "binary")
            .alsoTaken(by: .replay, .inspect)
            .help(
                "A record's value: event v1, or (structured) a JSON CloudEvent around it, for readers without headers."
            )
        package let verificationTokens = forEdge.list("verification-tokens-file", .secrets)
            .alsoTaken(by: .replay, .subscriptionImport, .doctor, .inspect)
            .help("Active verification tokens; in a file one per line, in a folder one file per subscription.")
        package let sealingKeys = forEdge.list("sealing-key-file", .secrets)
            .taken(by: [.receive, .doctor] + Command.withSubscriptions)
            .help(
                "Key that seals tokens in the subscriptions topic; with it the topic is followed; two while rotating."
            )
        package let subscriptionsTopic = forEdge("subscriptions-topic", .topicName, default: "notion.subscriptions.v1")
            .taken(by: [.receive, .topicsPlan, .topicsApply, .doctor] + Command.withSubscriptions)
            .help("Compacted topic of sealed tokens and what is known of them.")
        package let enrolment = forEdge(
            "enrolment",
            .choice(Enrolment.self),
            note: "open with a sealing key or without any token, else closed"
        )
        .alsoTaken(by: .doctor)
        .help("Whether a handshake's token is kept for an operator to read.")
        package let handshakeExpiry = forReceive("handshake-expiry", .seconds(1...86_400), default: "1h")
            .help("How long a handshake's token waits for an operator in the subscriptions topic.")
        package let signature = forEdge("signature", .choice(SignatureRule.self), default: "required")
            .alsoTaken(by: .doctor)
            .help("Whether deliveries without a signature are refused, or pass with the header ce_verified: false.")
        package let loops = forEdge("loops", .integer(1...64), default: "1")
            .help("Event loops, each a thread with its own connections.")
        package let stopDelay = forEdge("stop-delay", .seconds(0...3600), default: "0s")
            .help("How long a stop still takes deliveries, not ready any more, so that a balancer can notice.")
        package let gracePeriod = forEdge("grace-period", .seconds(1...3600), default: "25s")
            .alsoTaken(by: .forward)
            .help(
                "Longest time for a stop, after its delay: finish what was accepted or is being handled, flush, leave."
            )
    }

    package struct TLS: Sendable {
        package let certificate: Setting<String?>
        package let key: Setting<String?>
        package let clientCA: Setting<String?>

        init(_ prefix: String, for commands: [Command], certificate: String, key: String, port: String) {
            let area = SettingArea(commands: commands)
            let section = prefix.replacing("-", with: "_")
            self.certificate = area("\(prefix)-certificate-file", .file)
                .yaml("\(section).certificate_file").help(certificate)
            self.key = area("\(prefix)-key-file", .file).yaml("\(section).key_file").help(key)
            clientCA = area("\(prefix)-client-ca-file", .file).yaml("\(section).client_ca_file")
                .help("PEM authorities: clients of the \(port) port must show a certificate of theirs.")
        }
    }

    package struct Limits: Sendable {
        package let bodyBytesMax = forLimits("body-bytes-max", .bytes(1024...16_777_216), default: "1MiB")
            .alsoTaken(by: .doctor)
            .help("Longest body; a longer one is answered 413.")
        package let inFlightRecordsMax = forLimits("in-flight-records-max", .integer(1...1_000_000), default: "10000")
            .help("Deliveries that wait for Kafka at once; above it 503.")
        package let inFlightBytesMax = forLimits("in-flight-bytes-max", .bytes(65_536...(16 << 30)), default: "64MiB")
            .help("Bytes of deliveries that wait for Kafka at once; above it 503.")
        package let connectionsMax = forLimits("connections-max", .integer(1...1_000_000), default: "20000")
            .help("Open connections; further ones wait in the kernel's queue.")
        package let growthBytesMax = forLimits("bodies-bytes-max", .bytes(65_536...(16 << 30)), default: "64MiB")
            .help("Bytes of bodies being read at once, beyond 16 KiB of each; above it 503.")
        package let connectionsPerAddressMax = forLimits(
            "connections-per-address-max",
            .integer(0...1_000_000),
            note: "a quarter of connections-max; none where proxies hide clients"
        )
        .help("Open connections of one client, an IPv6 /64 being one; 0 is no limit.")
        package let requestsPerConnectionMax = forLimits(
            "requests-per-connection-max",
            .integer(0...1_000_000_000),
            default: "0"
        )
        .help("Requests after which a connection is closed, so that clients rebalance; 0 is no limit.")
        package let trustedProxies = forEdge.list("trusted-proxies", .networks)
            .help(
                "Proxies that may name the client: Forwarded, X-Forwarded-For, PROXY protocol; unix for a Unix socket."
            )
        package let proxyProtocol = forEdge("proxy-protocol", .choice(ProxyProtocol.self), default: "off")
            .help("Whether each connection begins with a PROXY protocol header (v1 or v2), from trusted proxies only.")
        package let headerDeadline = deadline("header-deadline", default: "10s")
            .help("Longest time for a whole request head, from its first byte.")
        package let bodyDeadline = deadline("body-deadline", default: "10s")
            .help("Longest time for a whole body, from the end of the head.")
        package let idleDeadline = forLimits("idle-deadline", .milliseconds(100...3_600_000), default: "620s")
            .help("Longest time a connection may stay without a request; above that of the balancer in front.")
        package let writeDeadline = deadline("write-deadline", default: "10s")
            .help("Longest time for the client to take an answer.")
        package let requestDeadline = deadline("request-deadline", default: "10s")
            .help("Longest time to the answer, from the end of the body; then 503.")
    }

    package struct Producer: Sendable {
        package let messageTimeout = forProducer("message-timeout", .milliseconds(100...300_000), default: "8s")
            .replaces("message.timeout.ms", "delivery.timeout.ms")
            .help("How long Kafka may take for the ack of a record; below request_deadline.")
        package let linger = forProducer("linger", .seconds(0...1), default: "5ms")
            .replaces("linger.ms", "queue.buffering.max.ms")
            .help("How long a record waits for others to share its batch.")
        // None is the default: the batches of a short linger hold a few records, where compression costs more CPU at
        // the edge than it saves on the wire.
        package let compression = forProducer("compression", .choice(Compression.self), default: "none")
            .replaces("compression.type", "compression.codec")
            .help("Compression of batches; none costs the least CPU on the small batches of a short linger.")
        package let statisticsInterval = forProducer("statistics-interval", .seconds(1...600), default: "5s")
            .replaces("statistics.interval.ms")
            .help("How often librdkafka's statistics reach the metrics.")
    }

    package struct Subscription: Sendable {
        package let fingerprint = forSubscription.required("fingerprint", .fingerprint).positional
            .taken(by: [.subscriptionActivate, .subscriptionRetire])
            .help("Fingerprint of the token.")
        package let name = forSubscription(
            "name",
            .string,
            note: "the last part of the path that the handshake came to"
        )
        .taken(by: [.subscriptionActivate, .subscriptionImport])
        .help("What the subscription is called: a-z, 0-9, '.', '_' and '-', up to 64.")
        package let retireAt = forSubscription("at", .time, note: "now").taken(by: [.subscriptionRetire])
            .help("Time from which the token no longer verifies deliveries.")
        package let reveal = forSubscription.boolean("reveal").taken(by: [.subscriptionPending])
            .help("Show the tokens themselves; needs the sealing key.")
        package let since = forSubscription("since", .seconds(1...2_592_000), default: "24h")
            .taken(by: [.subscriptionList])
            .help("How far back the events are counted, by their time of receipt.")
        package let format = forSubscription.format
            .taken(by: [.subscriptionPending, .subscriptionList])
            .help("Form of the output.")
    }
}

private func deadline(_ flag: String, default text: String) -> Setting<Duration> {
    forLimits(flag, .milliseconds(100...300_000), default: text)
}
