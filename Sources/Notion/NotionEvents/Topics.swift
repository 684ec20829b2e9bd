/// The names that topics have unless a setting says otherwise.
public enum Topics {
    /// Every delivery that was verified and understood, as event v1. Keyed by ``KeyStrategy``.
    public static let events = "notion.events.v1"
    /// Deliveries that were verified but not understood, byte by byte. Keyed by the event's id, if there is one.
    public static let deadLetter = "notion.dead-letter.v1"
    /// Verification tokens, sealed, and what is known of them. Compacted; keyed by the token's fingerprint.
    public static let subscriptions = "notion.subscriptions.v1"
}
