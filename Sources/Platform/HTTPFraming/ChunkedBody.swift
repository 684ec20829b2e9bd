/// Decodes a chunked body in place: RFC 9112 section 7.1, with extensions and trailers checked, bounded and ignored. It
/// moves the data to where the body began, and keeps nothing of the framing.
struct ChunkedBody {
    private enum State {
        case size, sizeExtension, sizeEnd
        case data, dataReturn, dataEnd, trailerStart, trailerName, trailerValue, trailerEnd, end, done
    }

    // Limit: 15 hexadecimal digits always fit into an Int; leading zeros count.
    private static let sizeDigitsMax = 15
    // Limit: what known servers grant all extensions of a body together is of this order.
    private static let extensionBytesMax = 4096

    private let bytesMax: Int
    private let trailerBytesMax: Int
    private let start: Int
    /// The first byte behind the decoded body.
    private(set) var bodyEnd: Int
    /// The first byte that was not looked at yet.
    private(set) var position: Int
    private var state = State.size
    private var sizeDigits = 0
    /// Bytes of the current chunk that are still to come.
    private var remaining = 0
    private var chunkExtension = ChunkExtension()
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerName = TrailerName()

    init(start: Int, bytesMax: Int, trailerBytesMax: Int) {
        self.start = start
        self.bodyEnd = start
        self.position = start
        self.bytesMax = bytesMax
        self.trailerBytesMax = trailerBytesMax
    }

    /// The framing behind `bodyEnd` was thrown away by the caller; the next byte follows the decoded ones.
    mutating func dropDecoded() { position = bodyEnd }

    /// - Returns: whether the body is complete.
    mutating func decode(_ bytes: inout MutableSpan<UInt8>) throws(Refusal) -> Bool {
        while position < bytes.count, state != .done {
            if state == .data {
                moveData(&bytes)
            } else {
                try step(bytes[position])
                position += 1
            }
        }
        return state == .done
    }

    private mutating func moveData(_ bytes: inout MutableSpan<UInt8>) {
        let count = min(remaining, bytes.count - position)
        for offset in 0..<count { bytes[bodyEnd + offset] = bytes[position + offset] }
        bodyEnd += count
        position += count
        remaining -= count
        if remaining == 0 { state = .dataReturn }
    }

    private mutating func step(_ byte: UInt8) throws(Refusal) {
        switch state {
        case .size: try stepSize(byte)
        case .sizeExtension: try stepExtension(byte)
        case .sizeEnd:
            guard byte == ASCII.lineFeed else { throw .bareCarriageReturn }
            state = remaining == 0 ? .trailerStart : .data
        case .dataReturn:
            guard byte == ASCII.carriageReturn else { throw .badChunkEnd }
            state = .dataEnd
        case .dataEnd:
            guard byte == ASCII.lineFeed else { throw .badChunkEnd }
            state = .size
            sizeDigits = 0
        case .trailerStart, .trailerName, .trailerValue, .trailerEnd, .end: try stepTrailer(byte)
        case .data, .done: break
        }
    }

    private mutating func stepSize(_ byte: UInt8) throws(Refusal) {
        if let digit = ASCII.hexValue(byte) {
            guard sizeDigits < Self.sizeDigitsMax else { throw .badChunkSize }
            remaining = (sizeDigits == 0 ? 0 : remaining << 4) + digit
            sizeDigits += 1
            return
        }
        guard sizeDigits > 0 else { throw .badChunkSize }
        guard remaining <= bytesMax - (bodyEnd - start) else { throw .bodyTooLarge }
        switch byte {
        case ASCII.carriageReturn: state = .sizeEnd
        case ASCII.semicolon:
            chunkExtension = ChunkExtension()
            state = .sizeExtension
        case ASCII.lineFeed: throw .bareLineFeed
        default: throw .badChunkSize
        }
    }

    private mutating func stepExtension(_ byte: UInt8) throws(Refusal) {
        if try chunkExtension.isEnded(by: byte) {
            state = .sizeEnd
            return
        }
        extensionBytes += 1
        guard extensionBytes <= Self.extensionBytesMax else { throw .badChunkExtension }
    }

    private mutating func stepTrailer(_ byte: UInt8) throws(Refusal) {
        trailerBytes += 1
        guard trailerBytes <= trailerBytesMax else { throw .trailersTooLarge }
        switch state {
        case .trailerStart:
            if byte == ASCII.carriageReturn {
                state = .end
            } else {
                guard ASCII.isToken(byte) else { throw byte == ASCII.lineFeed ? .bareLineFeed : .badTrailer }
                trailerName = TrailerName()
                trailerName.append(byte)
                state = .trailerName
            }
        case .trailerName:
            if byte == ASCII.colon {
                guard !trailerName.isFramingField else { throw .badTrailer }
                state = .trailerValue
            } else {
                guard ASCII.isToken(byte) else { throw byte == ASCII.lineFeed ? .bareLineFeed : .badTrailer }
                trailerName.append(byte)
            }
        case .trailerValue:
            if byte == ASCII.carriageReturn {
                state = .trailerEnd
            } else {
                guard byte != ASCII.lineFeed else { throw .bareLineFeed }
                guard ASCII.isPlain(byte) || byte == ASCII.horizontalTab else { throw .badTrailer }
            }
        default:
            guard byte == ASCII.lineFeed else { throw .bareCarriageReturn }
            state = state == .end ? .done : .trailerStart
        }
    }
}

/// Checks and skips the extensions of one chunk, `;name=value` or `;name="value"`: RFC 9112 section 7.1.1, without the
/// white space that it tolerates. An unclosed quoted string could end elsewhere for another reader.
struct ChunkExtension {
    private enum State {
        case nameStart, name, valueStart, token, quoted, escaped, closed
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
        case .token: return ASCII.isToken(byte) ? false : try isSeparated(by: byte)
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
        case .closed: return try isSeparated(by: byte)
        }
        return false
    }

    private mutating func isSeparated(by byte: UInt8) throws(Refusal) -> Bool {
        if byte == ASCII.carriageReturn { return true }
        guard byte == ASCII.semicolon else { throw .badChunkExtension }
        state = .nameStart
        return false
    }
}

/// What is known of a trailer's name while it is read: whether it names a framing field. A sender must not put
/// these into trailers (RFC 9110 section 6.5.1), and a reader that merges trailers into the head would believe them.
struct TrailerName {
    private var count = 0
    private var mayBeLength = true
    private var mayBeCoding = true

    mutating func append(_ byte: UInt8) {
        let letter = ASCII.lowered(byte)
        mayBeLength = mayBeLength && Self.holds(letter, at: count, in: "content-length")
        mayBeCoding = mayBeCoding && Self.holds(letter, at: count, in: "transfer-encoding")
        count += 1
    }

    var isFramingField: Bool {
        (mayBeLength && count == "content-length".utf8.count)
            || (mayBeCoding && count == "transfer-encoding".utf8.count)
    }

    private static func holds(_ letter: UInt8, at index: Int, in name: String) -> Bool {
        let letters = name.utf8.span
        return index < letters.count && letters[index] == letter
    }
}
