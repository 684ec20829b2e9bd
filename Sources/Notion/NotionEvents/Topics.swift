/// The names that topics have unless a setting says otherwise.
public enum Topics {
    /// Every delivery that was verified and understood, as event v1. Keyed by ``KeyStrategy``.
    public static let events = "notion.events.v1"
    /// Deliveries that were verified but not understood, byte by byte. Keyed by the event's id, if there is one.
    public static let deadLetter = "notion.dead-letter.v1"
    /// Verification tokens, sealed, and what is known of them. Compacted; keyed by the token's fingerprint.
    public static let subscriptions = "notion.subscriptions.v1"
}

/// What a record is keyed by, and so what keeps its order: all records of a key are in one partition.
public enum KeyStrategy: String, Sendable, CaseIterable {
    /// The entity's id: pages, databases, comments and so on each have their own order.
    case entity
    /// As `entity`, except that comments go by the page that they are on (`data.page_id`; by their own id without one).
    case page
    /// The workspace's id; the entity's, when a delivery names no workspace.
    case workspace
}

/// Where an event's record holds its attributes (CloudEvents 1.0, Kafka protocol binding, 3.2 and 3.3).
public enum ContentMode: String, Sendable, CaseIterable {
    /// In headers; the value is event v1.
    case binary
    /// In the value too: a CloudEvent in JSON, event v1 being its `data`. For readers that see no headers. The headers
    /// stay, as the binding allows (3.3.3); only `content-type` differs.
    case structured
}
