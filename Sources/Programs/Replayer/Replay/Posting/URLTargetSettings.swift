package import OrderedConsumer
package import OutgoingWebhooks

/// How a replay posts to a service.
package struct URLTargetSettings: Sendable {
    /// Where, how, and at most how many at once.
    package var service: ServiceSettings
    /// How a failed request is repeated. When its attempts are used up, the replay ends there.
    package var retry = RetryPolicy(attemptsMax: 10, firstDelay: .milliseconds(500), delayMax: .seconds(30))
    /// Limit: records that wait or are under way, and their bytes; one is taken in any case.
    package var recordsMax = 1_000
    package var bytesMax = 32 << 20

    /// Settings with 64 requests at once, and a service that may ask for pauses of five minutes. Whoever wants others
    /// sets ``service``'s after that.
    package init(_ service: ServiceSettings) {
        self.service = service
        self.service.requestsMax = 64
        self.service.retryAfterMax = .seconds(300)
    }
}
