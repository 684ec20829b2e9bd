package import NotionWebhooks

/// Whether a signature fits a body, and if not, what would have to be different. Pure.
package enum SignatureInspection: Sendable, Equatable {
    /// There was no signature to look at.
    case notGiven
    /// There was one, and no token to compute with.
    case noToken
    /// The header is not `sha256=` and 64 hexadecimal digits, because.
    case malformed(String)
    /// A token gives it for the bytes as they are.
    case right(fingerprint: String)
    /// A token gives it for other bytes: the body was changed, in these ways.
    case changed(fingerprint: String, [BodyChange], attempt: Int?)
    /// No token gives it, whatever is undone.
    case wrong(tokens: [String], isAlphabetical: Bool)

    /// Tries the tokens on the bytes as they are, and then on what they may have been.
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

    /// The bytes as they are, and with each set of changes undone that changes anything; the fewest changes first.
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

    /// What is wrong with the header itself.
    private static func problem(_ header: String) -> String? {
        guard Signature(Array(header.utf8).span) == nil else { return nil }
        if header.isEmpty { return "it is empty" }
        if header.lowercased().hasPrefix("x-notion-signature:") {
            return "it has the header's name in front; give its value alone"
        }
        if header.contains("\"") || header.contains("'") { return "it has quotation marks around it" }
        if header.lowercased().hasPrefix("sha256="), !header.hasPrefix("sha256=") {
            return "sha256= in front has to be in lower case"
        }
        guard header.hasPrefix("sha256=") else {
            return header.utf8.count == 64 ? "sha256= in front is missing" : "it does not begin with sha256="
        }
        let digits = header.utf8.count - 7
        guard digits == 64 else { return "it has \(digits) characters behind sha256=, not 64" }
        return "what stands behind sha256= is not hexadecimal"
    }

    /// Whether it is an answer of 401 at the edge.
    package var isRefused: Bool {
        switch self {
        case .notGiven, .noToken, .right: false
        case .malformed, .changed, .wrong: true
        }
    }
}

/// The attempts of an event differ in one number, and so in their signatures.
enum AttemptNumber {
    private static let name = Array(#""attempt_number":"#.utf8)

    // Limit: each is signed with each token, and Notion's bodies have a few kilobytes.
    private static let bodyBytesMax = 65_536

    /// The body of each of Notion's eight attempts but this one.
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

/// The order of the members at the top of a body.
enum MemberOrder {
    /// Whether they stand in the order of the alphabet, as programs write them and Notion does not.
    static func isAlphabetical(_ body: [UInt8]) -> Bool {
        let text = String(decoding: body, as: UTF8.self)
        let names = ["\"attempt_number\"", "\"authors\"", "\"entity\"", "\"id\"", "\"timestamp\"", "\"type\""]
        let places = names.compactMap { text.firstRange(of: $0)?.lowerBound }
        guard let first = text.firstIndex(of: "\""), places.count >= 3 else { return false }
        return !text[first...].hasPrefix("\"id\"") && places == places.sorted()
    }
}
