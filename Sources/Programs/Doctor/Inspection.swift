package import NotionEvents
package import NotionWebhooks

/// What a captured body is, and what the edge would make of it. Pure.
package struct Inspection: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        case handshake(fingerprint: String)
        case event(EventFacts)
        /// If its signature is right, it becomes a dead letter with this reason.
        case notUnderstood(DeliveryError)
    }

    package struct EventFacts: Sendable, Equatable {
        package let type: String
        package let isKnownType: Bool
        /// Nil where Notion does not say.
        package let isAggregated: Bool?
        /// Top-level members that event v1 does not define, in their order; they are kept under `unknown`.
        package let unknownMembers: [String]
        /// Members of `data` that are not documented; they are kept verbatim.
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
            // A handshake is signed with the token that it carries.
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

    package var isAccepted: Bool {
        if case .notUnderstood = content { return false }
        return !signature.isRefused
    }

    package func lines(topic: String) -> [String] {
        var lines = ["body       \(byteCount) bytes: \(kind)"]
        lines.append("signature  \(signature.sentence)")
        lines += signature.advice.map { "           \($0)" }
        switch content {
        case .handshake: lines.append("outcome    handshake (200): its token is pending activation")
        case .notUnderstood(let error):
            lines.append("outcome    \(outcome(else: "dead_lettered (200): reason \(error.rawValue)"))")
        case .event(let facts):
            lines += facts.lines
            lines.append("outcome    \(outcome(else: "published (200)"))")
            lines += facts.recordLines(topic: topic)
        }
        return lines
    }

    private var kind: String {
        switch content {
        case .handshake(let fingerprint): "a handshake with the token \(fingerprint)"
        case .event(let facts): "an event, \(facts.type)"
        case .notUnderstood(let error): "not understood: \(error.rawValue)"
        }
    }

    private func outcome(else accepted: String) -> String {
        switch signature {
        case .notGiven: "\(accepted), if its signature is right"
        case .noToken: "\(accepted), if a token of the edge signed it"
        case .right: accepted
        case .malformed, .changed, .wrong: "bad_signature (401), for these bytes"
        }
    }
}

extension Inspection.EventFacts {
    // The members of `data` that event v1 uses, or that are documented (SPEC.md, 1.1 and 1.5).
    private static let dataMembers: Set<String> = [
        "parent", "page_id", "updated_blocks", "updated_properties", "updated_fields", "view_type", "target",
        "transcript_id", "file_import_result",
    ]
    /// The edge makes a trace context for each delivery, so the one of this record would mislead.
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

    private static func unknownDataMembers(_ data: [UInt8]?) -> [String] {
        guard let data, let names = try? names(ofMembersIn: data.span) else { return [] }
        return names.subtracting(dataMembers).sorted()
    }

    /// Empty for a value that is no object.
    private static func names(ofMembersIn json: Span<UInt8>) throws(JSONError) -> Set<String> {
        var scanner = JSONScanner(json)
        var names: Set<String> = []
        guard scanner.peek() == UInt8(ascii: "{") else { return names }
        try scanner.enter()
        var isFirst = true
        while let name = try scanner.nextMember(&isFirst) {
            names.insert(json.text(name))
            _ = try scanner.skipValue()
        }
        return names
    }

    fileprivate var lines: [String] {
        let aggregated = isAggregated.map { $0 ? "Notion aggregates it, so it comes late" : "sent at once" }
        let known =
            isKnownType
            ? "known" + (aggregated.map { "; \($0)" } ?? "") : "not one of Notion's 31; it is published all the same"
        var lines = ["type       \(type): \(known)"]
        if !unknownMembers.isEmpty {
            lines.append("unknown    \(unknownMembers.joined(separator: ", ")): kept in the event's member unknown")
        }
        if !unknownDataMembers.isEmpty {
            lines.append("unknown    in data: \(unknownDataMembers.joined(separator: ", ")): kept in the event's data")
        }
        return lines
    }

    fileprivate func recordLines(topic: String) -> [String] {
        ["record     in \(topic), key \(key)"] + headers.map { "           \($0.name): \($0.value)" }
            + ["value      \(value)"]
    }
}

extension Inspection: Encodable {
    private enum CodingKeys: String, CodingKey {
        case bytes, kind, reason, fingerprint, signature, type, key, headers, value, accepted
        case isKnownType = "type_is_known"
        case isAggregated = "type_is_aggregated"
        case unknownMembers = "unknown_members"
        case unknownDataMembers = "unknown_data_members"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(byteCount, forKey: .bytes)
        try container.encode(isAccepted, forKey: .accepted)
        try container.encode(signature, forKey: .signature)
        switch content {
        case .handshake(let fingerprint):
            try container.encode("handshake", forKey: .kind)
            try container.encode(fingerprint, forKey: .fingerprint)
        case .notUnderstood(let error):
            try container.encode("not_understood", forKey: .kind)
            try container.encode(error.rawValue, forKey: .reason)
        case .event(let facts):
            try container.encode("event", forKey: .kind)
            try container.encode(facts.type, forKey: .type)
            try container.encode(facts.isKnownType, forKey: .isKnownType)
            try container.encodeIfPresent(facts.isAggregated, forKey: .isAggregated)
            try container.encode(facts.unknownMembers, forKey: .unknownMembers)
            try container.encode(facts.unknownDataMembers, forKey: .unknownDataMembers)
            try container.encode(facts.key, forKey: .key)
            try container.encode(facts.headers.map { [$0.name, $0.value] }, forKey: .headers)
            try container.encode(facts.value, forKey: .value)
        }
    }
}
