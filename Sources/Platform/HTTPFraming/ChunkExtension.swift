/// Looks at the extensions of one chunk, `;name=value` or `;name="value"`, and forgets them: RFC 9112 section 7.1.1,
/// without the white space that it tolerates. What stands in quotes where nothing is closed could end elsewhere for
/// another reader.
struct ChunkExtension {
    private enum State {
        case nameStart
        case name
        case valueStart
        case token
        case quoted
        case escaped
        case closed
    }

    private var state = State.nameStart

    /// Takes the next byte behind the first semicolon. True when it is the carriage return that ends the line.
    mutating func isEnded(by byte: UInt8) throws(Refusal) -> Bool {
        guard byte != ASCII.lineFeed else { throw .bareLineFeed }
        switch state {
        case .nameStart:
            guard ASCII.isToken(byte) else { throw .badChunkExtension }
            state = .name
        case .name:
            guard !ASCII.isToken(byte) else { return false }
            if byte == ASCII.equals {
                state = .valueStart
                return false
            }
            return try isSeparated(by: byte)
        case .valueStart:
            guard byte == ASCII.quote || ASCII.isToken(byte) else { throw .badChunkExtension }
            state = byte == ASCII.quote ? .quoted : .token
        case .token:
            return ASCII.isToken(byte) ? false : try isSeparated(by: byte)
        case .quoted:
            guard byte < 0x80, ASCII.isPlain(byte) || byte == ASCII.horizontalTab else { throw .badChunkExtension }
            if byte == ASCII.quote {
                state = .closed
            } else if byte == ASCII.backslash {
                state = .escaped
            }
        case .escaped:
            guard byte < 0x80, ASCII.isPlain(byte) || byte == ASCII.horizontalTab else { throw .badChunkExtension }
            state = .quoted
        case .closed:
            return try isSeparated(by: byte)
        }
        return false
    }

    private mutating func isSeparated(by byte: UInt8) throws(Refusal) -> Bool {
        if byte == ASCII.carriageReturn {
            return true
        }
        guard byte == ASCII.semicolon else { throw .badChunkExtension }
        state = .nameStart
        return false
    }
}
