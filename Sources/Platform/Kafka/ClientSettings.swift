/// What every client of a cluster needs to know. A `nil` leaves librdkafka's default, or `extra`, in force.
public struct ClientSettings: Sendable {
    /// `host:port` of one or more brokers.
    public var bootstrapServers: [String]

    /// Shown in broker logs, quotas and statistics.
    public var clientID: String

    /// First pause before a lost broker is tried again.
    public var reconnectBackoffMilliseconds: Int

    /// Longest such pause. librdkafka's default of 10 s would delay a client for seconds after the broker is back.
    public var reconnectBackoffMaxMilliseconds: Int

    /// Any other librdkafka option by its name (`security.protocol`, `sasl.password`, `debug`, …). A name that
    /// belongs to a typed setting is refused here, so that no option is set in two places.
    public var extra: [String: String]

    /// Settings with defaults for an edge that must reconnect within a second after its broker is back.
    public init(
        bootstrapServers: [String],
        clientID: String = "notion-relay",
        reconnectBackoffMilliseconds: Int = 50,
        reconnectBackoffMaxMilliseconds: Int = 500,
        extra: [String: String] = [:]
    ) {
        self.bootstrapServers = bootstrapServers
        self.clientID = clientID
        self.reconnectBackoffMilliseconds = reconnectBackoffMilliseconds
        self.reconnectBackoffMaxMilliseconds = reconnectBackoffMaxMilliseconds
        self.extra = extra
    }

    /// Throws an error that names the option that is unknown, wrong, set twice or not in this librdkafka. Nothing is
    /// connected to.
    package func check() throws(KafkaError) { try ClientConfiguration.check(self) }

    var options: [ClientOption] {
        [
            ClientOption(
                "bootstrap.servers",
                aliases: ["metadata.broker.list"],
                bootstrapServers.joined(separator: ",")
            ),
            ClientOption("client.id", clientID),
            ClientOption("reconnect.backoff.ms", reconnectBackoffMilliseconds),
            ClientOption("reconnect.backoff.max.ms", reconnectBackoffMaxMilliseconds),
            ClientOption("socket.nagle.disable", true),
            ClientOption("log.queue", true),
        ]
    }
}

extension ClientSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// All settings in one line, secret values left out.
    public var description: String {
        let own = options.map { "\($0.name)=\($0.value)" }
        let others = extra.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(SecretOption.isSecret($0.key, $0.value) ? "<redacted>" : $0.value)" }
        return (own + others).joined(separator: " ")
    }

    /// As ``description``.
    public var debugDescription: String { description }

    /// Shows ``description`` only, so that dumping a value prints no secret either.
    public var customMirror: Mirror { Mirror(self, children: ["settings": description]) }
}
