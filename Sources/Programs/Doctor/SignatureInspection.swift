package import NotionWebhooks

/// Whether a signature is right for a body, and if not, what has to be different. Pure.
package enum SignatureInspection: Sendable, Equatable, Encodable {
    case notGiven, noToken
    /// The header is not `sha256=` and 64 hexadecimal digits; why.
    case malformed(String)
    case right(fingerprint: String)
    /// The token signed other bytes: the body was changed, in these ways.
    case changed(fingerprint: String, [BodyChange], attempt: Int?)
    /// No token signed these bytes, or any that undoing changes results in.
    case wrong(tokens: [String], isAlphabetical: Bool)

    package init(_ body: [UInt8], header: String?, tokens: [VerificationToken]) {
        guard let header else {
            self = .notGiven
            return
        }
        if let problem = Self.problem(header) {
            self = .malformed(problem)
            return
        }
        guard !tokens.isEmpty else {
            self = .noToken
            return
        }
        let wanted = header.lowercased()
        func token(for body: [UInt8]) -> VerificationToken? {
            tokens.first { Signature.sign(body.span, with: $0) == wanted }
        }
        if let token = token(for: body) {
            self = .right(fingerprint: token.fingerprint)
            return
        }
        for (changes, candidate) in Self.candidates(body) {
            if let token = token(for: candidate) {
                self = .changed(fingerprint: token.fingerprint, changes, attempt: nil)
                return
            }
            for (attempt, other) in AttemptNumber.others(candidate) {
                guard let token = token(for: other) else { continue }
                self = .changed(fingerprint: token.fingerprint, changes, attempt: attempt)
                return
            }
        }
        self = .wrong(tokens: tokens.map(\.fingerprint), isAlphabetical: MemberOrder.isAlphabetical(body))
    }

    private static func candidates(_ body: [UInt8]) -> [([BodyChange], [UInt8])] {
        let all = BodyChange.allCases
        let sets = (0..<(1 << all.count)).sorted { ($0.nonzeroBitCount, $0) < ($1.nonzeroBitCount, $1) }
        return sets.compactMap { bits in
            let changes = all.indices.filter { bits >> $0 & 1 == 1 }.map { all[$0] }
            var candidate = body
            for change in changes {
                guard let undone = change.undone(candidate) else { return nil }
                candidate = undone
            }
            return (changes, candidate)
        }
    }

    private static func problem(_ header: String) -> String? {
        guard Signature(Array(header.utf8).span) == nil else { return nil }
        if header.isEmpty { return "it is empty" }
        if header.lowercased().hasPrefix("x-notion-signature:") {
            return "it begins with the header's name; give its value alone"
        }
        if header.contains("\"") || header.contains("'") { return "it has quotation marks around it" }
        if header.lowercased().hasPrefix("sha256="), !header.hasPrefix("sha256=") {
            return "sha256= has to be in lower case"
        }
        guard header.hasPrefix("sha256=") else {
            return header.utf8.count == 64 ? "sha256= at the beginning is missing" : "it does not begin with sha256="
        }
        let digits = header.utf8.count - 7
        guard digits == 64 else { return "it has \(digits) characters after sha256=, not 64" }
        return "the characters after sha256= are not hexadecimal"
    }

    package var isRefused: Bool {
        switch self {
        case .notGiven, .noToken, .right: false
        case .malformed, .changed, .wrong: true
        }
    }

    static func claim(_ header: String?) -> String? {
        guard let header else { return nil }
        var text = header[...]
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }

    var sentence: String {
        switch self {
        case .notGiven: "not checked: give the header X-Notion-Signature with --signature"
        case .noToken: "not checked: give the token with NOTION_RELAY_VERIFICATION_TOKENS or its file"
        case .malformed(let problem): "malformed: \(problem)"
        case .right(let fingerprint): "right: the token \(fingerprint) signed these bytes"
        case .changed(let fingerprint, _, _): "wrong for these bytes, right for others: the token is \(fingerprint)"
        case .wrong(let tokens, _):
            "wrong: no given token signed it (\(tokens.joined(separator: ", "))), whatever change is undone"
        }
    }

    var advice: [String] {
        switch self {
        case .notGiven, .noToken, .right: []
        case .malformed: ["the header is sha256= and 64 hexadecimal digits, as it came over the wire"]
        case .changed(_, let changes, let attempt):
            changes.map { "it is right once \($0.undoing)" }
                + (attempt.map { ["it is the signature of attempt \($0) of this event"] } ?? [])
                + ["a receiver has to verify the raw bytes of the request, before anything parses or rewrites them"]
        case .wrong(_, let isAlphabetical):
            (isAlphabetical ? ["the members are in alphabetical order: a program has serialized the JSON again"] : [])
                + [
                    "another token signed it (each subscription has its own, and a new one when it is created again), "
                        + "or the bytes were changed in a way that is not known here"
                ]
        }
    }

    private struct Document: Encodable {
        let verdict: String
        var problem: String?
        var fingerprint: String?
        var changes: [BodyChange]?
        var attempt: Int?
        var tokens: [String]?
    }

    package func encode(to encoder: any Encoder) throws {
        let document =
            switch self {
            case .notGiven: Document(verdict: "not_given")
            case .noToken: Document(verdict: "no_token")
            case .malformed(let problem): Document(verdict: "malformed", problem: problem)
            case .right(let fingerprint): Document(verdict: "right", fingerprint: fingerprint)
            case .changed(let fingerprint, let changes, let attempt):
                Document(verdict: "changed", fingerprint: fingerprint, changes: changes, attempt: attempt)
            case .wrong(let tokens, _): Document(verdict: "wrong", tokens: tokens)
            }
        try document.encode(to: encoder)
    }
}

/// What tools do to a body that is saved to a file. Undone, the result may be the bytes that Notion signed.
package enum BodyChange: String, CaseIterable, Sendable, Encodable {
    /// An editor, `echo` or a log added a line feed at the end.
    case finalLineFeed = "final_line_feed"
    case cutLineFeed = "cut_line_feed"
    case byteOrderMark = "byte_order_mark"
    case whiteSpace = "white_space"
    /// The JSON was serialized again with escapes for characters: Python's `json.dumps`, Go's `encoding/json`, PHP.
    case escapes
    case unescaped

    package var undoing: String {
        switch self {
        case .finalLineFeed: "the white space at the end is removed"
        case .cutLineFeed: "a line feed is added at the end"
        case .byteOrderMark: "the byte order mark at the beginning is removed"
        case .whiteSpace: "the white space between the tokens of the JSON is removed"
        case .escapes: "escapes such as \\u00e9, \\u0026 and \\/ are written as characters"
        case .unescaped: "characters beyond ASCII are written as escapes"
        }
    }

    package func undone(_ body: [UInt8]) -> [UInt8]? {
        let result =
            switch self {
            case .finalLineFeed: Array(body.reversed().drop { Self.isSpace($0) }.reversed())
            case .cutLineFeed: body.last == 0x0A ? body : body + [0x0A]
            case .byteOrderMark: body.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(body.dropFirst(3)) : body
            case .whiteSpace: Self.withoutSpace(body)
            case .escapes: Self.withCharacters(body)
            case .unescaped: Self.withEscapes(body)
            }
        return result == body ? nil : result
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func withoutSpace(_ body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var (isInString, isEscaped) = (false, false)
        for byte in body {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isInString = false
                }
            } else {
                guard !isSpace(byte) else { continue }
                isInString = byte == 0x22
            }
            result.append(byte)
        }
        return result
    }

    /// `\/`, and `\u` of characters that JSON need not escape, become characters; other escapes stay.
    private static func withCharacters(_ body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < body.count {
            guard body[index] == 0x5C, index + 1 < body.count else {
                result.append(body[index])
                index += 1
                continue
            }
            if body[index + 1] == 0x2F {
                result.append(0x2F)
                index += 2
            } else if let (scalar, length) = scalar(at: index, in: body), isPlain(scalar) {
                result += Array(String(Character(scalar)).utf8)
                index += length
            } else {
                result += body[index...(index + 1)]
                index += 2
            }
        }
        return result
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && scalar != "\"" && scalar != "\\"
    }

    private static func scalar(at index: Int, in body: [UInt8]) -> (Unicode.Scalar, Int)? {
        guard let high = unit(at: index, in: body) else { return nil }
        if let scalar = Unicode.Scalar(UInt32(high)) { return (scalar, 6) }
        guard (0xD800...0xDBFF).contains(high), let low = unit(at: index + 6, in: body),
            (0xDC00...0xDFFF).contains(low)
        else { return nil }
        let value = 0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        return Unicode.Scalar(value).map { ($0, 12) }
    }

    private static func unit(at index: Int, in body: [UInt8]) -> UInt16? {
        guard index + 6 <= body.count, body[index] == 0x5C, body[index + 1] == 0x75 else { return nil }
        return UInt16(String(decoding: body[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16)
    }

    /// Each character beyond ASCII becomes `\u` and four digits in lower case, twice beyond the basic plane.
    private static func withEscapes(_ body: [UInt8]) -> [UInt8] {
        guard body.contains(where: { $0 >= 0x80 }), let text = String(validating: body, as: UTF8.self) else {
            return body
        }
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                result.unicodeScalars.append(scalar)
            } else {
                for unit in String(Character(scalar)).utf16 {
                    result += "\\u" + String(unit, radix: 16).leftPadded(to: 4)
                }
            }
        }
        return Array(result.utf8)
    }
}

extension String {
    fileprivate func leftPadded(to count: Int) -> String {
        String(repeating: "0", count: max(0, count - self.count)) + self
    }
}

/// The attempts of an event differ in one number, and therefore in their signatures.
enum AttemptNumber {
    private static let name = Array(#""attempt_number":"#.utf8)

    // Limit: each is signed with each token, and Notion's bodies have a few kilobytes.
    private static let bodyBytesMax = 65_536

    static func others(_ body: [UInt8]) -> [(Int, [UInt8])] {
        let count = name.count
        guard body.count > count + 1, body.count <= bodyBytesMax,
            let start = (0..<(body.count - count - 1)).first(where: { index in
                body[index] == name[0] && body[index..<(index + count)].elementsEqual(name)
            })
        else { return [] }
        let place = start + count
        guard (0x31...0x38).contains(body[place]), !(0x30...0x39).contains(body[place + 1]) else { return [] }
        return (1...8).filter { UInt8(0x30 + $0) != body[place] }.map { attempt in
            var other = body
            other[place] = UInt8(0x30 + attempt)
            return (attempt, other)
        }
    }
}

enum MemberOrder {
    /// Whether they are in alphabetical order, in which many programs serialize them and Notion does not.
    static func isAlphabetical(_ body: [UInt8]) -> Bool {
        let text = String(decoding: body, as: UTF8.self)
        let names = ["\"attempt_number\"", "\"authors\"", "\"entity\"", "\"id\"", "\"timestamp\"", "\"type\""]
        let places = names.compactMap { text.firstRange(of: $0)?.lowerBound }
        guard let first = text.firstIndex(of: "\""), places.count >= 3 else { return false }
        return !text[first...].hasPrefix("\"id\"") && places == places.sorted()
    }
}
