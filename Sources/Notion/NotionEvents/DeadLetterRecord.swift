public import NotionWebhooks
internal import Timestamps

/// A Kafka record for a delivery that was verified but not understood: the exact bytes, and why.
///
/// Notion would only send the same bytes again, so they are kept for a person to look at. Such records are rare, so
/// this allocates freely.
public struct DeadLetterRecord: Sendable {
    /// The header that holds the raw value of a `DeliveryError` of `NotionWebhooks`.
    public static let reasonHeader = "relay-dead-letter-reason"
    /// The header that holds the signature, so that the bytes can be verified again.
    public static let signatureHeader = "relay-signature"
    /// The header that is `false` for a delivery that was accepted without a signature, and absent otherwise.
    public static let verifiedHeader = "ce_verified"
    /// The header that holds the time of receipt, RFC 3339 in UTC with milliseconds.
    public static let receivedAtHeader = "relay-received-at"

    /// The event's id, nil if none can be found. Whatever else is wrong, it identifies duplicates.
    public let key: [UInt8]?
    /// The body, byte by byte.
    public let value: [UInt8]
    /// The headers above, `content-type` (`application/octet-stream`, since nothing else is known of the body) and
    /// `traceparent`. All values are ASCII.
    public let headers: [(name: String, value: [UInt8])]

    /// The record of a delivery.
    ///
    /// - Parameters:
    ///   - delivery: what was verified.
    ///   - reason: why it could not be decoded.
    ///   - receivedAtMilliseconds: when the request came, since 1970.
    ///   - traceparent: the trace that it belongs to.
    public init(
        _ delivery: borrowing VerifiedDelivery,
        reason: DeliveryError,
        receivedAtMilliseconds: Int64,
        traceparent: TraceContext
    ) {
        key = delivery.salvagedEventID()
        let bytes = delivery.bytes
        value = bytes.indices.map { bytes[$0] }
        let receivedAt = Timestamp.characters(milliseconds: receivedAtMilliseconds)
        headers = [
            (Self.reasonHeader, Array(reason.rawValue.utf8)),
            delivery.signature.map { (Self.signatureHeader, $0.headerValue) }
                ?? (Self.verifiedHeader, Array("false".utf8)),
            (Self.receivedAtHeader, receivedAt.indices.map { receivedAt[$0] }),
            ("content-type", Array("application/octet-stream".utf8)),
            ("traceparent", Array(traceparent.description.utf8)),
        ]
    }
}
