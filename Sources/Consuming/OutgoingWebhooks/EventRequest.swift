package import HTTPClient
package import Kafka
import NotionEvents
import OrderedConsumer

/// One attempt to send a record to a service: an HTTP POST in CloudEvents' binary mode, signed. The record's headers
/// cannot break the request: values are encoded, and what has no valid form is left out.
package struct EventRequest: Sendable {
    package let record: Record
    /// 1 is the first.
    package let attempt: Int
    /// A newer event of the same entity was handed out before.
    package let isLate: Bool
    /// The ids of the older events that this one stands for, oldest first.
    package let supersededIDs: [String]

    // Limit: many servers take 8 KiB of headers by default, and these together stay below it.
    static let attributesMax = 32
    static let attributesBytesMax = 5_120
    static let attributeBytesMax = 1_024
    static let supersededBytesMax = 1_024
    static let contentTypeBytesMax = 256
    // Limit: an event's id has at most 256 bytes, each three when it is encoded.
    static let idBytesMax = 768
    // Limit: an id of 128 bytes of ASCII; of one that takes more when it is encoded only the count is told.
    static let replayIDBytesMax = 256
    // Limit: an answer's body is read for the connection's sake only.
    static let answerBytesMax = 65_536

    package init(_ record: Record, attempt: Int = 1, isLate: Bool = false, supersededIDs: [String] = []) {
        precondition(attempt >= 1, "Attempts are counted from 1.")
        self.record = record
        self.attempt = attempt
        self.isLate = isLate
        self.supersededIDs = supersededIDs
    }

    /// Without `signer` unsigned. `secondsSince1970` is now, since services refuse what was signed long ago.
    package func clientRequest(
        to target: TargetURL,
        signer: WebhookSigner?,
        secondsSince1970: Int64,
        timeout: Duration,
        connection: Int? = nil
    ) -> ClientRequest {
        let body = record.value ?? []
        let id = webhookID
        var headers = [("content-type", contentType), ("user-agent", "notion-relay")]
        headers += attributes
        if let traceparent { headers.append(("traceparent", traceparent)) }
        headers.append(("relay-attempt", String(attempt)))
        if isLate { headers.append(("relay-late", "true")) }
        headers += superseded
        headers += replayed
        headers += [("webhook-id", id), ("webhook-timestamp", String(secondsSince1970))]
        if let signer {
            let signature = signer.signature(id: id, secondsSince1970: secondsSince1970, body: body.span)
            headers.append(("webhook-signature", signature))
        }
        return ClientRequest(
            method: "POST",
            url: target.text,
            headers: headers,
            body: body,
            timeout: timeout,
            responseBodyBytesMax: Self.answerBytesMax,
            connection: connection
        )
    }

    /// The record's place if it has no valid id. Full stops are encoded, because they separate what is signed.
    package var webhookID: String {
        let id = value("ce_id").flatMap { HeaderText.encoded($0, alsoEncoding: ".", bytesMax: Self.idBytesMax) }
        if let id { return id }
        let topic = HeaderText.encoded(Array(record.topic.utf8), alsoEncoding: ".", bytesMax: Self.idBytesMax)
        return "\(topic ?? "unnamed")-\(record.partition ?? -1)-\(record.offset ?? -1)"
    }

    private func value(_ name: String) -> [UInt8]? { record.headers.first { $0.name == name }?.value }

    /// A record without a content type of its own could be anything.
    private var contentType: String {
        guard let value = value("content-type"), (3...Self.contentTypeBytesMax).contains(value.count),
            value.allSatisfy({ (0x20...0x7E).contains($0) }), value.contains(UInt8(ascii: "/")),
            value.first != 0x20, value.last != 0x20
        else { return "application/octet-stream" }
        return String(decoding: value, as: UTF8.self)
    }

    /// Checked, since a malformed one makes a service lose the trace that it would have started.
    private var traceparent: String? { value("traceparent").flatMap { TraceContext($0.span)?.description } }

    /// Tells a service that it may have seen the event long ago, in another replay or none.
    private var replayed: [(String, String)] {
        guard let mark = ReplayMark(record: record) else { return [] }
        let count = (ReplayMark.Name.count, String(mark.count))
        let id = HeaderText.encoded(Array(mark.id.utf8), bytesMax: Self.replayIDBytesMax)
        return id.map { [(ReplayMark.Name.id, $0), count] } ?? [count]
    }

    private static let required = ["ce_specversion", "ce_id", "ce_source", "ce_type"]

    /// `ce_` headers as `ce-` headers. Required ones go first, so that unknown ones cannot use up the room.
    private var attributes: [(String, String)] {
        let named = record.headers.filter { Self.isAttribute($0.name) }
        let ordered =
            named.filter { Self.required.contains($0.name) } + named.filter { !Self.required.contains($0.name) }
        var taken: Set<String> = []
        var found: [(String, String)] = []
        var bytes = 0
        for header in ordered where found.count < Self.attributesMax && taken.insert(header.name).inserted {
            guard let value = header.value, let text = HeaderText.encoded(value, bytesMax: Self.attributeBytesMax)
            else { continue }
            let lineBytes = header.name.utf8.count + text.utf8.count + 4
            guard bytes + lineBytes <= Self.attributesBytesMax else { continue }
            bytes += lineBytes
            found.append(("ce-" + header.name.dropFirst(3), text))
        }
        return found
    }

    /// Lower-case letters and digits. The data's type is `content-type` and the data the body: neither is an attribute.
    private static func isAttribute(_ name: String) -> Bool {
        guard name.hasPrefix("ce_"), (4...67).contains(name.utf8.count), name != "ce_datacontenttype", name != "ce_data"
        else { return false }
        return name.utf8.dropFirst(3).allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    }

    /// The newest ids that fit, oldest first, and how many there were.
    private var superseded: [(String, String)] {
        guard !supersededIDs.isEmpty else { return [] }
        var kept: [String] = []
        var bytes = 0
        for id in supersededIDs.reversed() {
            guard let text = HeaderText.encoded(Array(id.utf8), alsoEncoding: ",", bytesMax: Self.idBytesMax) else {
                continue
            }
            bytes += text.utf8.count + 1
            guard bytes <= Self.supersededBytesMax else { break }
            kept.append(text)
        }
        let count = ("relay-superseded-count", String(supersededIDs.count))
        return kept.isEmpty ? [count] : [("relay-superseded", kept.reversed().joined(separator: ",")), count]
    }
}

/// Values of HTTP headers as the HTTP binding of CloudEvents 1.0.2 encodes them (section 3.1.3.2).
enum HeaderText {
    /// Percent-encodes all but visible ASCII without double quote and percent sign, so that no value ends a header. Nil
    /// for an empty value, which CloudEvents does not allow, for one that is not UTF-8 (readers must refuse it, encoded
    /// or not) and for one longer than `bytesMax`. `others` are characters that have a meaning where the value will be.
    static func encoded(_ value: [UInt8], alsoEncoding others: String = "", bytesMax: Int) -> String? {
        guard !value.isEmpty, value.count <= bytesMax else { return nil }
        var text: [UInt8] = []
        text.reserveCapacity(value.count)
        for byte in value {
            if isPlain(byte), !others.utf8.contains(byte) {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        guard text.count <= bytesMax, String(validating: value, as: UTF8.self) != nil else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "%")
    }
}
