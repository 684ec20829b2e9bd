/// How events are posted to one service.
package struct ServiceSettings: Sendable {
    /// Where they go.
    package var target: TargetURL
    /// What signs them; nil sends them unsigned.
    package var signer: WebhookSigner?
    /// From the start of a request to the last byte of its answer.
    package var requestTimeout = Duration.seconds(15)
    /// The most requests that may be under way.
    package var requestsMax = 100
    /// The longest wait that the service may ask for.
    package var retryAfterMax = RetryAfter.longest
    /// PEM file of the authorities that the service is verified against; nil takes the system's.
    package var authoritiesFile: String?

    package init(target: TargetURL, signer: WebhookSigner?) {
        self.target = target
        self.signer = signer
    }
}
