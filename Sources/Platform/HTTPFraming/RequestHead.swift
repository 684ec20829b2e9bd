/// The head of one request: a view over the bytes as they came, valid only during the call that hands it out.
package struct RequestHead: ~Escapable {
    package enum Version: UInt8, Sendable {
        case http10
        case http11
    }

    let bytes: Span<UInt8>
    let fields: Span<FieldRange>
    let line: RequestLine
    /// The declared length of the body in bytes; nil when the body is chunked or the head names no length.
    package let contentLength: Int?
    /// The body comes in chunks, so its length is not known yet.
    package let isChunked: Bool
    /// The body is in a content coding other than identity.
    package let isEncoded: Bool

    @_lifetime(copy bytes, copy fields)
    init(bytes: Span<UInt8>, fields: Span<FieldRange>, line: RequestLine, facts: HeadFacts) {
        self.bytes = bytes
        self.fields = fields
        self.line = line
        contentLength = facts.contentLength
        isChunked = facts.isChunked
        isEncoded = facts.isEncoded
    }

    package var version: Version { line.version }

    /// The method, a token, as it came: methods are case-sensitive.
    package var method: Span<UInt8> {
        @_lifetime(copy self)
        get { bytes.extracting(0..<line.methodEnd) }
    }

    /// As it came: path and query, or all of a URL; percent-encoding included.
    package var target: Span<UInt8> {
        @_lifetime(copy self)
        get { bytes.extracting(line.targetStart..<line.targetEnd) }
    }

    package var path: Span<UInt8> {
        @_lifetime(copy self)
        get { bytes.extracting(line.path) }
    }

    package var query: Span<UInt8>? {
        @_lifetime(copy self)
        get {
            guard line.queryMark < line.targetEnd else { return nil }
            return bytes.extracting((line.queryMark + 1)..<line.targetEnd)
        }
    }

    /// Host and port that the request is for: those of a target in absolute-form, which replace the field `Host`
    /// (RFC 9112 section 3.2.2); nil where neither names one.
    package var authority: Span<UInt8>? {
        @_lifetime(copy self)
        get { line.authority.isEmpty ? first(named: "host") : bytes.extracting(line.authority) }
    }

    /// The answer to a HEAD request has no body.
    package var isHEAD: Bool { line.methodEnd == 4 && methodIs("HEAD") }

    package func methodIs(_ text: String) -> Bool { method.isEqual(to: text) }

    package func pathIs(_ text: String) -> Bool { path.isEqual(to: text) }

    package var fieldCount: Int { fields.count }

    @_lifetime(copy self)
    package func name(_ index: Int) -> Span<UInt8> { bytes.extracting(fields[index].name) }

    @_lifetime(copy self)
    package func value(_ index: Int) -> Span<UInt8> { bytes.extracting(fields[index].value) }

    /// The first field's value of a name given in lower case.
    @_lifetime(copy self)
    package func first(named name: String) -> Span<UInt8>? {
        let wanted = name.utf8.span
        for index in 0..<fields.count
        where bytes.extracting(fields[index].name).isEqualIgnoringCase(toLowerCase: wanted) {
            return bytes.extracting(fields[index].value)
        }
        return nil
    }

    package func count(named name: String) -> Int {
        let wanted = name.utf8.span
        var count = 0
        for index in 0..<fields.count
        where bytes.extracting(fields[index].name).isEqualIgnoringCase(toLowerCase: wanted) { count += 1 }
        return count
    }
}

/// Where the parts of a request line lie. The method starts at 0, offsets count from the first byte of the request.
struct RequestLine: Equatable {
    var version = RequestHead.Version.http11
    var methodEnd = 0
    var targetStart = 0
    /// The first question mark, or the target's end.
    var queryMark = 0
    var targetEnd = 0
    var path = 0..<0
    /// Host and port in the target; empty in origin-form.
    var authority = 0..<0

    /// Reads exactly `HTTP/` digit `.` digit.
    static func version(_ bytes: Span<UInt8>) throws(Refusal) -> RequestHead.Version {
        let name: InlineArray<5, UInt8> = [0x48, 0x54, 0x54, 0x50, 0x2F]
        guard bytes.count == 8 else { throw .badRequestLine }
        for index in name.indices where bytes[index] != name[index] {
            throw .badRequestLine
        }
        let major = bytes[5] &- ASCII.zero
        let minor = bytes[7] &- ASCII.zero
        guard major < 10, minor < 10, bytes[6] == ASCII.dot else { throw .badRequestLine }
        guard major == 1, minor < 2 else { throw .unsupportedVersion }
        return minor == 0 ? .http10 : .http11
    }

    func isMethod(_ name: StaticString, _ bytes: Span<UInt8>) -> Bool {
        methodEnd == name.utf8CodeUnitCount && bytes.extracting(0..<methodEnd).isEqual(to: name.description)
    }

    /// Origin-form begins with a slash; the other forms are for proxies.
    func startsWithSlash(_ bytes: Span<UInt8>) -> Bool { targetStart < targetEnd && bytes[targetStart] == ASCII.slash }

    /// Whether each percent sign of the path is followed by two digits.
    func isPercentEncoded(_ bytes: Span<UInt8>) -> Bool {
        for index in path where bytes[index] == ASCII.percent {
            guard index + 2 < path.upperBound, ASCII.hexValue(bytes[index + 1]) != nil,
                ASCII.hexValue(bytes[index + 2]) != nil
            else { return false }
        }
        return true
    }
}

/// Absolute-form (RFC 9112 section 3.2.2), which some senders use with any server. It is rare, so all of the target is
/// looked at once more.
extension RequestLine {
    /// Finds authority and path; false if the target is not a URL of HTTP, or names no host or a user.
    mutating func takeAbsoluteForm(_ bytes: Span<UInt8>) -> Bool {
        let target = bytes.extracting(targetStart..<targetEnd)
        let scheme = Self.bytesBeforeAuthority(target)
        guard scheme > 0 else { return false }
        let start = targetStart + scheme
        var end = start
        while end < queryMark, bytes[end] != ASCII.slash {
            end += 1
        }
        authority = start..<end
        // An empty path means "/" (RFC 9110 section 4.2.3), and there is one in front of the authority.
        path = end < queryMark ? end..<queryMark : (start - 1)..<start
        for index in path where !ASCII.isTarget(bytes[index]) && bytes[index] != ASCII.percent { return false }
        for index in queryMark..<targetEnd where bytes[index] == ASCII.numberSign { return false }
        return Self.isAuthority(bytes.extracting(authority)) && isPercentEncoded(bytes)
    }

    /// The length of `http://` or `https://`, 0 for anything else.
    private static func bytesBeforeAuthority(_ target: Span<UInt8>) -> Int {
        for scheme in ["http://", "https://"] where target.count > scheme.utf8.count {
            let start = target.extracting(0..<scheme.utf8.count)
            if start.isEqualIgnoringCase(toLowerCase: scheme) { return scheme.utf8.count }
        }
        return 0
    }

    /// A name, an IPv4 address or an IPv6 address in brackets, and perhaps a port. A user in front of it is refused:
    /// it serves to deceive people (RFC 9110 section 4.2.4).
    private static func isAuthority(_ text: Span<UInt8>) -> Bool {
        let isBracketed = text.count > 0 && text[0] == ASCII.openBracket
        let start = isBracketed ? 1 : 0
        var end = start
        while end < text.count, text[end] != (isBracketed ? ASCII.closeBracket : ASCII.colon) {
            guard ASCII.isHost(text[end]), text[end] != ASCII.openBracket, text[end] != ASCII.closeBracket else {
                return false
            }
            end += 1
        }
        guard end > start, !isBracketed || end < text.count else { return false }
        if isBracketed { end += 1 }
        guard end < text.count else { return true }
        guard text[end] == ASCII.colon else { return false }
        for index in (end + 1)..<text.count where text[index] &- ASCII.zero > 9 { return false }
        return true
    }
}

/// Where one field lies in the bytes of a head. Offsets count from the first byte of the request.
package struct FieldRange: Equatable, Sendable {
    private let nameStart: UInt32
    private let nameEnd: UInt32
    private let valueStart: UInt32
    private let valueEnd: UInt32

    init(name: Range<Int>, value: Range<Int>) {
        nameStart = UInt32(truncatingIfNeeded: name.lowerBound)
        nameEnd = UInt32(truncatingIfNeeded: name.upperBound)
        valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
        valueEnd = UInt32(truncatingIfNeeded: value.upperBound)
    }

    var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}
