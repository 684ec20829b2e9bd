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

    @_lifetime(copy bytes, copy fields)
    init(bytes: Span<UInt8>, fields: Span<FieldRange>, line: RequestLine, contentLength: Int?, isChunked: Bool) {
        self.bytes = bytes
        self.fields = fields
        self.line = line
        self.contentLength = contentLength
        self.isChunked = isChunked
    }

    package var version: Version { line.version }

    /// The method, a token, as it came: methods are case-sensitive.
    package var method: Span<UInt8> {
        @_lifetime(copy self)
        get { bytes.extracting(0..<line.methodEnd) }
    }

    /// Path and query as they came, percent-encoding included.
    package var target: Span<UInt8> {
        @_lifetime(copy self)
        get { bytes.extracting(line.targetStart..<line.targetEnd) }
    }

    package var path: Span<UInt8> {
        @_lifetime(copy self)
        get { bytes.extracting(line.targetStart..<line.pathEnd) }
    }

    package var query: Span<UInt8>? {
        @_lifetime(copy self)
        get {
            guard line.pathEnd < line.targetEnd else { return nil }
            return bytes.extracting((line.pathEnd + 1)..<line.targetEnd)
        }
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
        where bytes.extracting(fields[index].name).isEqualIgnoringCase(toLowerCase: wanted) {
            count += 1
        }
        return count
    }
}

/// Where the parts of a request line lie. The method starts at 0, offsets count from the first byte of the request.
struct RequestLine: Equatable {
    var version = RequestHead.Version.http11
    var methodEnd = 0
    var targetStart = 0
    /// The first question mark, or the target's end.
    var pathEnd = 0
    var targetEnd = 0

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

    /// Origin-form begins with a slash; the other forms are for proxies.
    func startsWithSlash(_ bytes: Span<UInt8>) -> Bool {
        targetStart < targetEnd && bytes[targetStart] == ASCII.slash
    }

    func isPercentEncoded(_ bytes: Span<UInt8>) -> Bool {
        for index in targetStart..<targetEnd where bytes[index] == ASCII.percent {
            guard index + 2 < targetEnd, ASCII.hexValue(bytes[index + 1]) != nil,
                ASCII.hexValue(bytes[index + 2]) != nil
            else { return false }
        }
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
