package import NotionEvents

/// What a ``EventForwarder`` is told.
package struct ForwarderSettings: Sendable {
    /// Where events go.
    package var target: TargetURL
    /// What signs them; nil sends them unsigned.
    package var signer: WebhookSigner?
    /// Which of them.
    package var types: TypePatterns
    /// From the start of a request to the last byte of its answer.
    package var requestTimeout = Duration.seconds(15)
    /// The most requests that may be under way.
    package var requestsMax = 100
    /// PEM file of the authorities that the service is verified against; nil takes the system's.
    package var authoritiesFile: String?

    package init(target: TargetURL, signer: WebhookSigner?, types: TypePatterns) {
        self.target = target
        self.signer = signer
        self.types = types
    }
}
