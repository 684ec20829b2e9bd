import NotionWebhooks

extension Inspection {
    /// What a person reads: what came, whether its signature is right, what it tells, and the record it would become.
    package func lines(topic: String) -> [String] {
        var lines = ["body       \(byteCount) bytes: \(kind)"]
        lines.append("signature  \(signature.sentence)")
        lines += signature.advice.map { "           \($0)" }
        switch content {
        case .handshake:
            lines.append("outcome    handshake (200): its token waits for a person")
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
        case .noToken: "\(accepted), if a token of the edge gives the signature"
        case .right: accepted
        case .malformed, .changed, .wrong: "bad_signature (401), for these bytes"
        }
    }
}

extension Inspection.EventFacts {
    fileprivate var lines: [String] {
        let aggregated = isAggregated.map { $0 ? "Notion gathers it, so it comes late" : "sent at once" }
        let known =
            isKnownType
            ? "known" + (aggregated.map { "; \($0)" } ?? "") : "not one of Notion's 31; it passes all the same"
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

extension SignatureInspection {
    /// One sentence, without a full stop.
    fileprivate var sentence: String {
        switch self {
        case .notGiven: "not checked: give the header X-Notion-Signature with --signature"
        case .noToken: "not checked: give the token with NOTION_RELAY_VERIFICATION_TOKENS or its file"
        case .malformed(let problem): "malformed: \(problem)"
        case .right(let fingerprint): "right: the token \(fingerprint) signed these bytes"
        case .changed(let fingerprint, _, _): "wrong for these bytes, and right for others: the token is \(fingerprint)"
        case .wrong(let tokens, _): "wrong: of no given token (\(tokens.joined(separator: ", "))), whatever is undone"
        }
    }

    /// What was done to the bytes, or may have been.
    fileprivate var advice: [String] {
        switch self {
        case .notGiven, .noToken, .right: []
        case .malformed: ["the header is sha256= and 64 hexadecimal digits, as it came over the wire"]
        case .changed(_, let changes, let attempt):
            changes.map { "it fits once \($0.undoing)" }
                + (attempt.map { ["it is the signature of attempt \($0) of this event"] } ?? [])
                + ["a receiver has to verify the raw bytes of the request, before anything reads or writes them"]
        case .wrong(_, let isAlphabetical):
            (isAlphabetical ? ["the members stand in alphabetical order: a program has written the JSON again"] : [])
                + [
                    "another token signed it (each subscription has its own, a new one after it is made anew), "
                        + "or the bytes were changed in a way that is not known here"
                ]
        }
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

extension SignatureInspection: Encodable {
    private enum CodingKeys: String, CodingKey {
        case verdict, problem, fingerprint, changes, attempt, tokens
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .notGiven: try container.encode("not_given", forKey: .verdict)
        case .noToken: try container.encode("no_token", forKey: .verdict)
        case .malformed(let problem):
            try container.encode("malformed", forKey: .verdict)
            try container.encode(problem, forKey: .problem)
        case .right(let fingerprint):
            try container.encode("right", forKey: .verdict)
            try container.encode(fingerprint, forKey: .fingerprint)
        case .changed(let fingerprint, let changes, let attempt):
            try container.encode("changed", forKey: .verdict)
            try container.encode(fingerprint, forKey: .fingerprint)
            try container.encode(changes, forKey: .changes)
            try container.encodeIfPresent(attempt, forKey: .attempt)
        case .wrong(let tokens, _):
            try container.encode("wrong", forKey: .verdict)
            try container.encode(tokens, forKey: .tokens)
        }
    }
}
