/// Where an event's record holds its attributes (CloudEvents 1.0, Kafka protocol binding, 3.2 and 3.3).
public enum ContentMode: String, Sendable, CaseIterable {
    /// In headers; the value is event v1.
    case binary
    /// In the value too: a CloudEvent in JSON, event v1 being its `data`. For readers that see no headers. The headers
    /// stay, as the binding allows (3.3.3); only `content-type` differs.
    case structured
}
