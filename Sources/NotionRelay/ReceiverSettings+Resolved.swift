import HTTPFraming
import HTTPServer
import Kafka
import NotionEvents
import NotionWebhooks
import Operations
import Receiver
import Subscriptions

extension ReceiverSettings {
    /// What the edge is told by the settings of `receive` or `dev`.
    init(_ settings: ResolvedSettings, client: ClientSettings) throws {
        let tokens = try VerificationToken.all(settings)
        guard let listen = ListenAddress(settings.string(.listen)) else {
            throw UsageError("--listen \(settings.string(.listen)): is no numeric address and port, and no unix:/PATH")
        }
        let subscriptions = try SubscriptionsTopic(settings, client: client)
        let acceptsUnsigned = settings.string(.signature) == "optional"
        let enrolment = Enrolment(settings, hasTokens: !tokens.isEmpty, hasSealingKey: subscriptions != nil)
        guard enrolment == .open || !tokens.isEmpty || subscriptions != nil || acceptsUnsigned else {
            throw UsageError(
                "there is no verification token and --enrolment is closed, so nothing could ever be accepted; "
                    + "set NOTION_RELAY_VERIFICATION_TOKENS or NOTION_RELAY_SEALING_KEY, or open enrolment"
            )
        }
        self.init(
            listen: listen,
            producer: ProducerSettings(settings, client: client),
            tokens: tokens,
            enrolment: enrolment
        )
        self.subscriptions = subscriptions
        self.acceptsUnsigned = acceptsUnsigned
        if settings.has(.handshakeExpiry) {
            handshakeExpiryMilliseconds = Int64(settings.duration(.handshakeExpiry).wholeMilliseconds)
        }
        path = settings.string(.path)
        topic = settings.string(.topic)
        deadLetterTopic = settings.string(.deadLetterTopic)
        key = KeyStrategy(rawValue: settings.string(.key)) ?? .entity
        contentMode = ContentMode(settings)
        loops = settings.int(.loops)
        bodyBytesMax = settings.bytes(.bodyBytesMax)
        // What the settings limit for the process, each loop gets its share of.
        inFlightRecordsMax = max(1, settings.int(.inFlightRecordsMax) / loops)
        inFlightBytesMax = max(1, settings.bytes(.inFlightBytesMax) / loops)
        limits = Limits(settings)
        trustedProxies =
            settings.string(ifSet: .trustedProxies)?.split(separator: ",").compactMap {
                AddressRange(String($0))
            } ?? []
        let deadlines = StopDeadlines(gracePeriod: settings.duration(.gracePeriod))
        drainMilliseconds = deadlines.drain.wholeMilliseconds
        flushMilliseconds = deadlines.flush.wholeMilliseconds
    }
}

extension ReceiverSettings.Enrolment {
    /// As the settings say; open by itself where a person can be waited for, or where there is nothing else to do.
    init(_ settings: ResolvedSettings, hasTokens: Bool, hasSealingKey: Bool) {
        let given = settings.string(ifSet: .enrolment).flatMap(Self.init(rawValue:))
        self = given ?? (hasSealingKey || !hasTokens ? .open : .closed)
    }
}

extension ContentMode {
    init(_ settings: ResolvedSettings) {
        self = Self(rawValue: settings.string(.cloudEvents)) ?? .binary
    }
}

extension VerificationToken {
    /// The tokens that are active by the settings.
    static func all(_ settings: ResolvedSettings) throws -> [VerificationToken] {
        try settings.secret(.verificationTokens).map { try VerificationToken(setting: $0) }
    }

    init(setting secret: Secret) throws {
        guard let token = VerificationToken(secret.revealed()) else {
            throw UsageError("a verification token is empty, longer than 512 bytes or holds other than visible ASCII")
        }
        self = token
    }
}

extension SealingKeys {
    /// The keys that the settings give; empty without any.
    init(_ settings: ResolvedSettings) throws {
        self.init(
            try settings.secret(.sealingKeys).enumerated().map { index, secret in
                guard let key = SealingKey(secret.revealed()) else {
                    throw UsageError("sealing key \(index + 1) is not one: a key is \(SealingKey.allowed)")
                }
                return key
            }
        )
    }
}

extension SubscriptionsTopic {
    /// The topic that a replica shares with others; nil without a sealing key, and for commands that have none.
    init?(_ settings: ResolvedSettings, client: ClientSettings) throws {
        guard settings.has(.sealingKeys) else { return nil }
        let keys = try SealingKeys(settings)
        guard !keys.isEmpty else { return nil }
        self.init(client, topic: settings.string(.subscriptionsTopic), keys: keys)
    }
}

extension ProducerSettings {
    fileprivate init(_ settings: ResolvedSettings, client: ClientSettings) {
        let bodyBytesMax = settings.bytes(.bodyBytesMax)
        self.init(
            client: client,
            lingerMilliseconds: settings.duration(.linger).wholeMilliseconds,
            messageTimeoutMilliseconds: settings.duration(.messageTimeout).wholeMilliseconds,
            // Admission refuses first: the client's own queue is never the one that is full.
            queueMessagesMax: settings.int(.inFlightRecordsMax) * 2,
            queueKibibytesMax: max(65_536, settings.bytes(.inFlightBytesMax) / 1024 * 4),
            compression: settings.string(.compression),
            // Event v1 repeats some of the body and adds names; twice the body and the headers always hold it.
            messageBytesMax: bodyBytesMax * 2 + 65_536,
            statisticsIntervalMilliseconds: settings.duration(.statisticsInterval).wholeMilliseconds
        )
    }
}

extension Limits {
    fileprivate init(_ settings: ResolvedSettings) {
        self.init()
        connectionsMax = settings.int(.connectionsMax)
        connectionsPerAddressMax = settings.int(.connectionsPerAddressMax)
        requestsPerConnectionMax = settings.int(.requestsPerConnectionMax)
        handshakeDeadlineMilliseconds = settings.duration(.headerDeadline).wholeMilliseconds
        headDeadlineMilliseconds = settings.duration(.headerDeadline).wholeMilliseconds
        bodyDeadlineMilliseconds = settings.duration(.bodyDeadline).wholeMilliseconds
        idleDeadlineMilliseconds = settings.duration(.idleDeadline).wholeMilliseconds
        writeDeadlineMilliseconds = settings.duration(.writeDeadline).wholeMilliseconds
        answerDeadlineMilliseconds = settings.duration(.requestDeadline).wholeMilliseconds
    }
}

extension Duration {
    var wholeMilliseconds: Int {
        Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
