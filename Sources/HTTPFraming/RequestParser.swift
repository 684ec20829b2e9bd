/// Reads one request after the other out of bytes that come in any pieces: RFC 9112, without its tolerance.
///
/// The caller keeps the bytes of one request together, from its first byte, and shows all of them on each call; the
/// parser remembers how far it has looked, so every byte is read once and the outcome does not depend on the pieces.
/// Whatever two readers could understand in two ways is refused.
package struct RequestParser: ~Copyable {
    package enum Step: Equatable, Sendable {
        case needMore
        case done
        case refused(Refusal)
    }

    private let requestLineBytesMax: Int
    private let headBytesMax: Int
    private let fieldCountMax: Int

    private var line = RequestLine()
    private var fields: [FieldRange] = []
    private var facts = HeadFacts()
    private var chunks = ChunkedBody(start: 0, bytesMax: 0, trailerBytesMax: 0)
    private var hasRequestLine = false
    /// Where the current line of the head began.
    private var lineStart = 0
    /// The first byte that was not looked at yet.
    private var position = 0

    package init(limits: Limits) {
        requestLineBytesMax = limits.requestLineBytesMax
        headBytesMax = limits.headBytesMax
        fieldCountMax = limits.fieldCountMax
        fields.reserveCapacity(16)
    }

    /// Makes ready for the next request, whose first byte comes first in the next call's bytes.
    package mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        facts = HeadFacts()
        hasRequestLine = false
        lineStart = 0
        position = 0
    }

    /// Looks at the bytes that came since the last call. Must not be called again after `done` or `refused`.
    package mutating func parseHead(_ bytes: Span<UInt8>) -> Step {
        do throws(Refusal) {
            if !hasRequestLine {
                guard let end = try endOfLine(in: bytes, bytesMax: requestLineBytesMax) else { return .needMore }
                line = try RequestLine(bytes.extracting(0..<end))
                lineStart = position
                hasRequestLine = true
            }
            while let end = try endOfLine(in: bytes, bytesMax: headBytesMax) {
                if end == lineStart {
                    try facts.check(version: line.version)
                    return .done
                }
                try addField(bytes, end: end)
                lineStart = position
            }
            return .needMore
        } catch {
            return .refused(error)
        }
    }

    /// The request's head; `parseHead` must have returned `done` for these bytes.
    @_lifetime(copy bytes, borrow self)
    package func head(over bytes: Span<UInt8>) -> RequestHead {
        RequestHead(
            bytes: bytes,
            fields: fields.span,
            line: line,
            contentLength: facts.contentLength,
            isChunked: facts.isChunked
        )
    }

    /// Begins with the body: refuses a declared length beyond the limit.
    package mutating func beginBody(bytesMax: Int) throws(Refusal) {
        if facts.isChunked {
            chunks = ChunkedBody(start: position, bytesMax: bytesMax, trailerBytesMax: headBytesMax)
        } else if declaredBytes > bytesMax {
            throw .bodyTooLarge
        }
    }

    /// Looks at the body's bytes; those of a chunked body are moved together in place. After `needMore` the bytes from
    /// `retainedCount` on are of no more use.
    package mutating func parseBody(_ bytes: inout MutableSpan<UInt8>) -> Step {
        guard facts.isChunked else {
            return bytes.count - position >= declaredBytes ? .done : .needMore
        }
        do throws(Refusal) {
            return try chunks.decode(&bytes) ? .done : .needMore
        } catch {
            return .refused(error)
        }
    }

    /// Forgets the framing of chunks that were decoded; the caller keeps `retainedCount` bytes and appends behind them.
    package mutating func dropDecoded() {
        chunks.dropDecoded()
    }

    /// Where the whole body lies.
    package var body: Range<Int> {
        facts.isChunked ? position..<chunks.bodyEnd : position..<(position + declaredBytes)
    }

    /// How many bytes of what was shown must be kept while the body is incomplete.
    package var retainedCount: Int { chunks.bodyEnd }

    /// The first byte behind the whole request.
    package var requestEnd: Int { facts.isChunked ? chunks.position : position + declaredBytes }

    /// The first byte behind the head.
    package var headEnd: Int { position }

    package var isChunked: Bool { facts.isChunked }

    /// The body's declared length in bytes, 0 when there is none.
    package var declaredBytes: Int { facts.contentLength ?? 0 }

    /// The client waits for `100 Continue`. An HTTP/1.0 client's wish does not count (RFC 9110 section 10.1.1).
    package var expectsContinue: Bool { facts.expectsContinue && line.version == .http11 }

    package var isHTTP10: Bool { line.version == .http10 }

    /// What the client said about the connection, with the version's default.
    package var keepsAlive: Bool {
        line.version == .http11 ? !facts.saysClose : facts.saysKeepAlive && !facts.saysClose
    }

    private mutating func addField(_ bytes: Span<UInt8>, end: Int) throws(Refusal) {
        guard fields.count < fieldCountMax else { throw .tooManyFields }
        let field = try FieldRange(bytes, start: lineStart, end: end)
        try facts.note(field, in: bytes)
        fields.append(field)
    }

    /// The place of the carriage return that ends the current line; nil when the line is not complete. Control
    /// characters and lone line ends are refused on sight, so their refusal wins over what is wrong in the line.
    private mutating func endOfLine(in bytes: Span<UInt8>, bytesMax: Int) throws(Refusal) -> Int? {
        var index = position
        let end = min(bytes.count, bytesMax)
        while index < end {
            let byte = bytes[index]
            if ASCII.isPlain(byte) || byte == ASCII.horizontalTab {
                index += 1
                continue
            }
            guard byte == ASCII.carriageReturn else {
                throw byte == ASCII.lineFeed ? .bareLineFeed : .controlCharacter
            }
            guard index + 1 < bytesMax else { throw tooLong }
            position = index
            guard index + 1 < bytes.count else { return nil }
            guard bytes[index + 1] == ASCII.lineFeed else { throw .bareCarriageReturn }
            position = index + 2
            return index
        }
        guard index < bytesMax else { throw tooLong }
        position = index
        return nil
    }

    private var tooLong: Refusal { hasRequestLine ? .headTooLarge : .requestLineTooLong }
}
