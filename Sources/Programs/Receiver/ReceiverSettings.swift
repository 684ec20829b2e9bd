package import HTTPServer
package import Kafka
package import NotionEvents
package import NotionWebhooks
package import Subscriptions

/// What the edge is told to do: the settings of the `receive` command, checked. Times are milliseconds.
package struct ReceiverSettings: Sendable {
    package enum Enrolment: String, Sendable {
        case open
        case closed
    }

    /// The public listener, `0.0.0.0:8080`.
    package var listen: ListenAddress
    package var path = "/notion/webhooks"
    package var topic = Topics.events
    package var deadLetterTopic = Topics.deadLetter
    package var key = KeyStrategy.entity
    package var contentMode = ContentMode.binary
    /// Tokens that are active by the settings: a delivery that one of them signed is Notion's.
    package var tokens: [VerificationToken]
    package var enrolment: Enrolment
    /// The topic that the edge shares with the other replicas and with operators; nil without a sealing key.
    package var subscriptions: SubscriptionsTopic?
    /// How long a handshake's token waits in that topic.
    package var handshakeExpiryMilliseconds: Int64 = 3_600_000
    /// Whether deliveries without a signature pass, marked.
    package var acceptsUnsigned = false
    package var loops = 1
    package var bodyBytesMax = 1024 * 1024
    /// Limit: per loop, below the producer's own queue, so that librdkafka's queue is never the first to be full.
    package var inFlightRecordsMax = 10_000
    package var inFlightBytesMax = 64 * 1024 * 1024
    package var limits = Limits()
    /// Proxies of ours, whose word is taken for whom they speak for.
    package var trustedProxies: [AddressRange] = []
    package var producer: ProducerSettings
    /// How long accepted requests are waited for when the edge stops.
    package var drainMilliseconds = 20_000
    /// How long a loop's end waits for records that are still queued: everything that was accepted has been answered
    /// by then, so only what was given up early is left.
    package var flushMilliseconds = 2_000

    package init(listen: ListenAddress, producer: ProducerSettings, tokens: [VerificationToken], enrolment: Enrolment) {
        self.listen = listen
        self.producer = producer
        self.tokens = tokens
        self.enrolment = enrolment
    }
}
