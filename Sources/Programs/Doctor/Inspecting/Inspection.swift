import FoundationEssentials
package import NotionEvents
package import NotionWebhooks

/// What a captured body is, and what the edge would make of it. Pure.
package struct Inspection: Sendable, Equatable {
    /// What became of the body itself.
    package enum Content: Sendable, Equatable {
        /// The first message of a subscription; its token by its fingerprint.
        case handshake(fingerprint: String)
        case event(EventFacts)
        /// Verified, it would be a dead letter with this reason.
        case notUnderstood(DeliveryError)
    }

    package struct EventFacts: Sendable, Equatable {
        package let type: String
        package let isKnownType: Bool
        /// Nil where Notion does not say.
        package let isAggregated: Bool?
        /// Members at the top that event v1 has no place for, in their order; they are kept under `unknown`.
        package let unknownMembers: [String]
        /// Members of `data` that we do not interpret; they are kept verbatim.
        package let unknownDataMembers: [String]
        package let key: String
        package let headers: [EventHeader]
        package let value: String
    }

    package struct EventHeader: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    package let byteCount: Int
    package let signature: SignatureInspection
    package let content: Content

    /// `now` stands for the time of receipt, in milliseconds since 1970.
    package init(
        _ body: [UInt8],
        signature header: String?,
        tokens: [VerificationToken],
        key: KeyStrategy,
        mode: ContentMode = .binary,
        now: Int64
    ) {
        byteCount = body.count
        let signature = SignatureInspection.claim(header)
        let untrusted = UntrustedDelivery(body: body.span, signature: nil, signatureCount: 0)
        if let handshake = Handshake.recognise(untrusted) {
            // Its key lies inside it.
            self.signature = SignatureInspection(body, header: signature, tokens: [handshake.token])
            content = .handshake(fingerprint: handshake.token.fingerprint)
            return
        }
        self.signature = SignatureInspection(body, header: signature, tokens: tokens)
        do throws(DeliveryError) {
            content = .event(try EventFacts(body, key: key, mode: mode, now: now))
        } catch {
            content = .notUnderstood(error)
        }
    }

    /// Whether the edge would answer 200 for what it is, and publish it as an event or hold its token.
    package var isAccepted: Bool {
        if case .notUnderstood = content { return false }
        return !signature.isRefused
    }
}

extension SignatureInspection {
    /// The header's value without white space around it, as a server reads it.
    fileprivate static func claim(_ header: String?) -> String? {
        guard let header else { return nil }
        var text = header[...]
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}

extension Inspection.EventFacts {
    // What of `data` becomes a part of event v1, or is documented (SPEC.md, 1.1 and 1.5).
    private static let dataMembers: Set<String> = [
        "parent", "page_id", "updated_blocks", "updated_properties", "updated_fields", "view_type", "target",
        "transcript_id", "file_import_result",
    ]
    /// A trace of zeros is none: the edge makes one for each delivery.
    private static let noTrace = "made for each delivery"

    fileprivate init(_ body: [UInt8], key: KeyStrategy, mode: ContentMode, now: Int64) throws(DeliveryError) {
        let span = body.span
        let delivery = try Delivery(decoding: span)
        type = delivery.type.name
        isKnownType = delivery.type.index < DeliveryType.known.count
        isAggregated = delivery.type.isAggregated
        unknownMembers = delivery.fields.unknown.map { span.text($0.name) }
        var record = EventRecord(mode: mode)
        record.fill(
            from: delivery,
            key: key,
            receivedAtMilliseconds: now,
            traceparent: TraceContext(random: InlineArray(repeating: 1))
        )
        self.key = Self.text(record.key)
        var headers: [Inspection.EventHeader] = []
        for index in 0..<record.headerCount {
            let name = Self.text(record.headerName(index))
            let value = name == "traceparent" ? Self.noTrace : Self.text(record.headerValue(index))
            headers.append(Inspection.EventHeader(name: name, value: value))
        }
        self.headers = headers
        value = Self.text(record.value)
        unknownDataMembers = Self.unknownDataMembers(try? Event(value: record.value).data)
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        var copy: [UInt8] = []
        for index in bytes.indices { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }

    private struct AnyMembers: Decodable {
        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        let names: [String]

        init(from decoder: any Decoder) throws {
            names = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue)
        }
    }

    /// Data that is no object has no members.
    private static func unknownDataMembers(_ data: [UInt8]?) -> [String] {
        let names = data.flatMap { try? JSONDecoder().decode(AnyMembers.self, from: Data($0)) }?.names ?? []
        return names.filter { !dataMembers.contains($0) }.sorted()
    }
}
