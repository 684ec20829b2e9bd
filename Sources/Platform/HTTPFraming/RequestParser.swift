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

    private var headParser: HeadParser
    private var chunks = ChunkedBody(start: 0, bytesMax: 0, trailerBytesMax: 0)
    private let trailerBytesMax: Int

    package init(limits: Limits) {
        headParser = HeadParser(limits: limits)
        trailerBytesMax = limits.headBytesMax
    }

    /// Makes ready for the next request, whose first byte comes first in the next call's bytes.
    package mutating func reset() {
        headParser.reset()
    }

    /// Looks at the bytes that came since the last call. Must not be called again after `done` or `refused`.
    package mutating func parseHead(_ bytes: Span<UInt8>) -> Step {
        do throws(Refusal) {
            return try headParser.parse(bytes) ? .done : .needMore
        } catch {
            return .refused(error)
        }
    }

    /// The request's head; `parseHead` must have returned `done` for these bytes.
    @_lifetime(copy bytes, borrow self)
    package func head(over bytes: Span<UInt8>) -> RequestHead {
        RequestHead(
            bytes: bytes,
            fields: headParser.fields.span,
            line: headParser.line,
            contentLength: headParser.facts.contentLength,
            isChunked: headParser.facts.isChunked
        )
    }

    /// Begins with the body: refuses a declared length beyond the limit.
    package mutating func beginBody(bytesMax: Int) throws(Refusal) {
        if headParser.facts.isChunked {
            chunks = ChunkedBody(start: headParser.position, bytesMax: bytesMax, trailerBytesMax: trailerBytesMax)
        } else if declaredBytes > bytesMax {
            throw .bodyTooLarge
        }
    }

    /// Looks at the body's bytes; those of a chunked body are moved together in place. After `needMore` the bytes from
    /// `retainedCount` on are of no more use.
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
    package mutating func dropDecoded() {
        chunks.dropDecoded()
    }

    /// Where the whole body lies.
    package var body: Range<Int> {
        headParser.facts.isChunked
            ? headParser.position..<chunks.bodyEnd : headParser.position..<(headParser.position + declaredBytes)
    }

    /// How many bytes of what was shown must be kept while the body is incomplete.
    package var retainedCount: Int { chunks.bodyEnd }

    /// The first byte behind the whole request.
    package var requestEnd: Int { headParser.facts.isChunked ? chunks.position : headParser.position + declaredBytes }

    /// The first byte behind the head.
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
