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

    /// The target up to the first question mark.
    package var path: Span<UInt8> {
        @_lifetime(copy self)
        get { bytes.extracting(line.targetStart..<line.pathEnd) }
    }

    /// The target behind the first question mark; nil when there is none.
    package var query: Span<UInt8>? {
        @_lifetime(copy self)
        get {
            guard line.pathEnd < line.targetEnd else { return nil }
            return bytes.extracting((line.pathEnd + 1)..<line.targetEnd)
        }
    }

    /// The answer to a HEAD request has no body.
    package var isHEAD: Bool { line.methodEnd == 4 && methodIs("HEAD") }

    package func methodIs(_ text: String) -> Bool {
        method.isEqual(to: text)
    }

    package func pathIs(_ text: String) -> Bool {
        path.isEqual(to: text)
    }

    package var fieldCount: Int { fields.count }

    @_lifetime(copy self)
    package func name(_ index: Int) -> Span<UInt8> {
        bytes.extracting(fields[index].name)
    }

    /// The value of a field, without the white space around it.
    @_lifetime(copy self)
    package func value(_ index: Int) -> Span<UInt8> {
        bytes.extracting(fields[index].value)
    }

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

    /// How many fields carry a name given in lower case.
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
