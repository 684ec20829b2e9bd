package import NotionEvents
package import OutgoingWebhooks

/// What a ``EventForwarder`` is told.
package struct ForwarderSettings: Sendable {
    /// Where events go, and how.
    package var service: ServiceSettings
    /// Which of them.
    package var types: TypePatterns

    package init(_ service: ServiceSettings, types: TypePatterns) {
        self.service = service
        self.types = types
    }
}
