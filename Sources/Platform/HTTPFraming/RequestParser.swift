/// Parses requests, one after the other, from bytes in any pieces: RFC 9112, without its tolerance. Whatever two
/// readers could understand in two ways is refused. The caller keeps all bytes of one request and passes all of them
/// with each call; the parser remembers its position, so every byte is read once and the outcome does not depend on the
/// pieces.
package struct RequestParser: ~Copyable {
    package enum Step: Equatable, Sendable {
        case needMore
        case done
        case refused(Refusal)
    }

    private var headParser: HeadParser
    private var chunks = ChunkedBody(start: 0, bytesMax: 0, trailerBytesMax: 0)
    private let trailerBytesMax: Int

    package init(limits: Limits) {
        headParser = HeadParser(limits: limits)
        trailerBytesMax = limits.headBytesMax
    }

    package mutating func reset() { headParser.reset() }

    /// Looks at the bytes that came since the last call. Must not be called again after `done` or `refused`.
    package mutating func parseHead(_ bytes: Span<UInt8>) -> Step {
        do throws(Refusal) {
            return try headParser.parse(bytes) ? .done : .needMore
        } catch {
            return .refused(error)
        }
    }

    @_lifetime(copy bytes, borrow self)
    package func head(over bytes: Span<UInt8>) -> RequestHead {
        RequestHead(bytes: bytes, fields: headParser.fields.span, line: headParser.line, facts: headParser.facts)
    }

    /// Begins with the body: refuses a declared length beyond the limit.
    package mutating func beginBody(bytesMax: Int) throws(Refusal) {
        if headParser.facts.isChunked {
            chunks = ChunkedBody(start: headParser.position, bytesMax: bytesMax, trailerBytesMax: trailerBytesMax)
        } else if declaredBytes > bytesMax {
            throw .bodyTooLarge
        }
    }

    /// Decodes a chunked body in place. After `needMore` the bytes from `retainedCount` on are no longer needed.
    package mutating func parseBody(_ bytes: inout MutableSpan<UInt8>) -> Step {
        guard headParser.facts.isChunked else {
            return bytes.count - headParser.position >= declaredBytes ? .done : .needMore
        }
        do throws(Refusal) {
            return try chunks.decode(&bytes) ? .done : .needMore
        } catch {
            return .refused(error)
        }
    }

    /// Forgets the framing of chunks that were decoded; the caller keeps `retainedCount` bytes and appends behind them.
    package mutating func dropDecoded() { chunks.dropDecoded() }

    package var body: Range<Int> {
        headParser.facts.isChunked
            ? headParser.position..<chunks.bodyEnd : headParser.position..<(headParser.position + declaredBytes)
    }

    package var retainedCount: Int { chunks.bodyEnd }

    package var requestEnd: Int { headParser.facts.isChunked ? chunks.position : headParser.position + declaredBytes }

    package var headEnd: Int { headParser.position }

    package var isChunked: Bool { headParser.facts.isChunked }

    /// The body's declared length in bytes, 0 when there is none.
    package var declaredBytes: Int { headParser.facts.contentLength ?? 0 }

    /// The client waits for `100 Continue`. An HTTP/1.0 client's wish does not count (RFC 9110 section 10.1.1).
    package var expectsContinue: Bool { headParser.facts.expectsContinue && headParser.line.version == .http11 }

    package var isHTTP10: Bool { headParser.line.version == .http10 }

    /// What the client said about the connection, with the version's default.
    package var keepsAlive: Bool {
        headParser.line.version == .http11
            ? !headParser.facts.saysClose : headParser.facts.saysKeepAlive && !headParser.facts.saysClose
    }
}
