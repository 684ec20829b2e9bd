/// Reads a head byte after byte: RFC 9112 sections 3 and 5, without their tolerance. The first byte that cannot stand
/// where it stands decides, so the outcome does not depend on the pieces in which the bytes come.
struct HeadParser: ~Copyable {
    private enum Phase {
        case method, proxySignature, target, version, requestLineEnd
        case lineStart, name, valueStart, value, lineEnd, headEnd

        var isInRequestLine: Bool {
            switch self {
            case .method, .proxySignature, .target, .version, .requestLineEnd: true
            case .lineStart, .name, .valueStart, .value, .lineEnd, .headEnd: false
            }
        }
    }

    /// `HTTP/1.1`, as `ByteRun.word` reads it: what nearly every request line ends with.
    private static let http11: UInt64 = 0x312E_312F_5054_5448

    private let requestLineBytesMax: Int
    private let headBytesMax: Int
    private let fieldCountMax: Int

    private(set) var line = RequestLine()
    private(set) var fields: [FieldRange] = []
    private(set) var facts = HeadFacts()
    /// The first byte that was not looked at yet.
    private(set) var position = 0
    private var phase = Phase.method
    /// Whether the target is good in origin-form.
    private var isGoodTarget = true
    /// Whether a percent sign stands in the path.
    private var hasPercent = false
    // Of the line that is being read.
    private var nameStart = 0
    private var nameEnd = 0
    private var valueStart = 0

    init(limits: Limits) {
        requestLineBytesMax = limits.requestLineBytesMax
        headBytesMax = limits.headBytesMax
        fieldCountMax = limits.fieldCountMax
        fields.reserveCapacity(16)
    }

    mutating func reset() {
        line = RequestLine()
        fields.removeAll(keepingCapacity: true)
        facts = HeadFacts()
        position = 0
        phase = .method
        isGoodTarget = true
        hasPercent = false
    }

    /// Goes on with the bytes that came since the last call; true when the head is complete.
    mutating func parse(_ bytes: Span<UInt8>) throws(Refusal) -> Bool {
        if phase.isInRequestLine {
            guard try parseRequestLine(bytes, end: min(bytes.count, requestLineBytesMax)) else {
                guard position < requestLineBytesMax else { throw .requestLineTooLong }
                return false
            }
        }
        guard try parseFields(bytes, end: min(bytes.count, headBytesMax)) else {
            guard position < headBytesMax else { throw .headTooLarge }
            return false
        }
        return true
    }

    private mutating func parseRequestLine(_ bytes: Span<UInt8>, end: Int) throws(Refusal) -> Bool {
        while position < end {
            switch phase {
            case .method: try readMethod(bytes, end: end)
            case .proxySignature: try readProxySignature(bytes[position])
            case .target: try readTarget(bytes, end: end)
            case .version: try readVersion(bytes, end: end)
            default:
                try expectLineFeed(bytes[position])
                phase = .lineStart
                return true
            }
        }
        return false
    }

    private mutating func parseFields(_ bytes: Span<UInt8>, end: Int) throws(Refusal) -> Bool {
        while position < end {
            switch phase {
            case .lineStart: try beginLine(bytes[position])
            case .name: try readName(bytes, end: end)
            case .valueStart: skipSpace(bytes, end: end)
            case .value: try readValue(bytes, end: end)
            case .lineEnd:
                try expectLineFeed(bytes[position])
                phase = .lineStart
            default:
                try expectLineFeed(bytes[position])
                try facts.check(version: line.version)
                return true
            }
        }
        return false
    }

    private mutating func readMethod(_ bytes: Span<UInt8>, end: Int) throws(Refusal) {
        var index = position
        while index < end, ASCII.isToken(bytes[index]) {
            index += 1
        }
        position = index
        guard index < end else { return }
        guard bytes[index] == ASCII.space, index > 0 else {
            guard index > 0 || bytes[index] != ASCII.tlsHandshake else { throw .tlsOnPlainPort }
            guard index > 0 || bytes[index] != ASCII.carriageReturn else {
                phase = .proxySignature
                return
            }
            throw fault(bytes[index], else: .badRequestLine)
        }
        line.methodEnd = index
        guard !line.isMethod("PROXY", bytes) else { throw .proxyProtocol }
        // A CONNECT names an authority, which is no target of ours, and others take its body for a tunnel's bytes.
        isGoodTarget = !line.isMethod("CONNECT", bytes)
        line.targetStart = index + 1
        position = index + 1
        phase = .target
    }

    /// No request begins with a carriage return, so this only finds out which refusal it is.
    private mutating func readProxySignature(_ byte: UInt8) throws(Refusal) {
        guard byte == BinaryProxyHeader.signature[position] else { throw .badRequestLine }
        position += 1
        guard position < BinaryProxyHeader.signature.count else { throw .proxyProtocol }
    }

    /// A query may hold whatever URLs hold in practice: browsers, Node's fetch and proxies leave `[ ] { } | ^` and
    /// others as they are, it is not looked at, and no reader ends a target at any of them. A path is compared, so it
    /// keeps to RFC 3986. A fragment is no part of a request, and some readers cut it off.
    ///
    /// A wrong target is named only when the version is known to be ours, so that the preface of HTTP/2
    /// (`PRI * HTTP/2.0`) is refused for what it is.
    private mutating func readTarget(_ bytes: Span<UInt8>, end: Int) throws(Refusal) {
        var index = position
        while index < end {
            let byte = bytes[index]
            if ASCII.isTarget(byte) {
                index += 1
                continue
            }
            switch byte {
            case ASCII.space:
                line.targetEnd = index
                line.queryMark = line.queryMark == 0 ? index : line.queryMark
                position = index + 1
                phase = .version
                return
            case ASCII.questionMark: line.queryMark = line.queryMark == 0 ? index : line.queryMark
            case ASCII.percent: hasPercent = hasPercent || line.queryMark == 0
            default:
                guard byte > ASCII.space, byte != ASCII.delete else { throw fault(byte, else: .badRequestLine) }
                isGoodTarget = isGoodTarget && line.queryMark != 0 && byte != ASCII.numberSign
            }
            index += 1
        }
        position = index
    }

    private mutating func readVersion(_ bytes: Span<UInt8>, end: Int) throws(Refusal) {
        let start = line.targetEnd + 1
        if position == start, end - start >= 8, ByteRun.word(bytes, at: start) == Self.http11 { position += 8 }
        while position < end, bytes[position] != ASCII.carriageReturn {
            // An HTTP version is eight characters long.
            guard bytes[position] > ASCII.space, bytes[position] != ASCII.delete, position < start + 8 else {
                throw fault(bytes[position], else: .badRequestLine)
            }
            position += 1
        }
        guard position < end else { return }
        line.version = try RequestLine.version(bytes.extracting(start..<position))
        if line.startsWithSlash(bytes) {
            line.path = line.targetStart..<line.queryMark
            guard isGoodTarget, !hasPercent || line.isPercentEncoded(bytes) else { throw .badTarget }
        } else {
            guard !line.isMethod("CONNECT", bytes), line.takeAbsoluteForm(bytes) else { throw .badTarget }
        }
        position += 1
        phase = .requestLineEnd
    }

    private mutating func beginLine(_ byte: UInt8) throws(Refusal) {
        switch byte {
        case ASCII.carriageReturn:
            position += 1
            phase = .headEnd
        case ASCII.space, ASCII.horizontalTab: throw .foldedField
        default:
            guard fields.count < fieldCountMax else { throw .tooManyFields }
            nameStart = position
            phase = .name
        }
    }

    private mutating func readName(_ bytes: Span<UInt8>, end: Int) throws(Refusal) {
        let index = ByteRun.endOfToken(bytes, from: position, to: end)
        position = index
        guard index < end else { return }
        guard bytes[index] == ASCII.colon, index > nameStart else { throw fault(bytes[index], else: .badFieldName) }
        nameEnd = index
        position = index + 1
        phase = .valueStart
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>, end: Int) {
        var index = position
        while index < end, ASCII.isBlank(bytes[index]) {
            index += 1
        }
        position = index
        guard index < end else { return }
        valueStart = index
        phase = .value
    }

    private mutating func readValue(_ bytes: Span<UInt8>, end: Int) throws(Refusal) {
        let index = ByteRun.endOfValue(bytes, from: position, to: end)
        position = index
        guard index < end else { return }
        guard bytes[index] == ASCII.carriageReturn else { throw fault(bytes[index], else: .controlCharacter) }
        var valueEnd = index
        while valueEnd > valueStart, ASCII.isBlank(bytes[valueEnd - 1]) {
            valueEnd -= 1
        }
        let field = FieldRange(name: nameStart..<nameEnd, value: valueStart..<valueEnd)
        try facts.note(field, in: bytes)
        fields.append(field)
        position = index + 1
        phase = .lineEnd
    }

    private mutating func expectLineFeed(_ byte: UInt8) throws(Refusal) {
        guard byte == ASCII.lineFeed else { throw .bareCarriageReturn }
        position += 1
    }

    /// Names a byte that cannot stand where it stands.
    private func fault(_ byte: UInt8, else refusal: Refusal) -> Refusal {
        switch byte {
        case ASCII.lineFeed: .bareLineFeed
        case ASCII.carriageReturn, ASCII.horizontalTab: refusal
        default: ASCII.isPlain(byte) ? refusal : .controlCharacter
        }
    }
}

/// What the fields of one head say about framing and connection.
struct HeadFacts {
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var saysClose = false
    private(set) var saysKeepAlive = false
    private(set) var expectsContinue = false
    private var hasHost = false
    /// The body is in a content coding, such as gzip.
    private(set) var isEncoded = false
    private var hasUpgrade = false
    private var hasUnknownUpgrade = false
    private var saysUpgrade = false

    /// Takes note of one field if it is one of the seven that matter here.
    mutating func note(_ field: FieldRange, in bytes: Span<UInt8>) throws(Refusal) {
        let name = bytes.extracting(field.name)
        switch name.count {
        case 4 where name.isEqualIgnoringCase(toLowerCase: "host"): try noteHost(bytes.extracting(field.value))
        case 6 where name.isEqualIgnoringCase(toLowerCase: "expect"):
            guard !expectsContinue, bytes.extracting(field.value).isEqualIgnoringCase(toLowerCase: "100-continue")
            else { throw .unsupportedExpectation }
            expectsContinue = true
        case 7 where name.isEqualIgnoringCase(toLowerCase: "upgrade"): noteUpgrade(bytes.extracting(field.value))
        case 10 where name.isEqualIgnoringCase(toLowerCase: "connection"): noteConnection(bytes.extracting(field.value))
        case 14 where name.isEqualIgnoringCase(toLowerCase: "content-length"):
            try noteContentLength(bytes.extracting(field.value))
        case 16 where name.isEqualIgnoringCase(toLowerCase: "content-encoding"):
            let value = bytes.extracting(field.value)
            Self.forEachOption(value) { isEncoded = isEncoded || !$0.isEqualIgnoringCase(toLowerCase: "identity") }
        case 17 where name.isEqualIgnoringCase(toLowerCase: "transfer-encoding"):
            guard !isChunked else { throw .repeatedTransferEncoding }
            // Some readers take white space behind the coding for a part of it.
            guard bytes.extracting(field.value).isEqualIgnoringCase(toLowerCase: "chunked"),
                bytes[field.value.upperBound] == ASCII.carriageReturn
            else { throw .unsupportedTransferEncoding }
            isChunked = true
        default: break
        }
    }

    mutating func check(version: RequestHead.Version) throws(Refusal) {
        guard hasHost || version == .http10 else { throw .missingHost }
        if hasUpgrade, saysUpgrade, isChunked || contentLength ?? 0 > 0 {
            guard !hasUnknownUpgrade else { throw .upgradeWithBody }
            // The wish is ignored (RFC 9110 section 7.8). A reader that takes the body for the other protocol's bytes
            // looks for the next request elsewhere, so there must be none.
            saysClose = true
        }
        guard isChunked else { return }
        guard version == .http11 else { throw .transferEncodingInOldVersion }
        guard contentLength == nil else { throw .lengthBesideTransferEncoding }
    }

    private mutating func noteHost(_ value: Span<UInt8>) throws(Refusal) {
        guard !hasHost else { throw .repeatedHost }
        for index in value.indices where !ASCII.isHost(value[index]) { throw .badHost }
        hasHost = true
    }

    private mutating func noteContentLength(_ value: Span<UInt8>) throws(Refusal) {
        guard contentLength == nil else { throw .repeatedContentLength }
        // Limit: 18 digits always fit into an Int, so no sum can overflow.
        guard (1...18).contains(value.count) else { throw .badContentLength }
        var length = 0
        for index in value.indices {
            let digit = value[index] &- ASCII.zero
            guard digit < 10 else { throw .badContentLength }
            length = length &* 10 &+ Int(digit)
        }
        contentLength = length
    }

    /// HTTP/2 and TLS begin behind the request's body (RFC 7540 section 3.2, RFC 2817 section 3.1): Java's HttpClient
    /// and Apache's ask for them with every POST.
    private mutating func noteUpgrade(_ value: Span<UInt8>) {
        hasUpgrade = true
        Self.forEachOption(value) { protocolName in
            let isTLS =
                protocolName.count > 4 && protocolName.extracting(0..<4).isEqualIgnoringCase(toLowerCase: "tls/")
            guard !isTLS, !protocolName.isEqualIgnoringCase(toLowerCase: "h2c") else { return }
            hasUnknownUpgrade = true
        }
    }

    /// Three options matter here.
    private mutating func noteConnection(_ value: Span<UInt8>) {
        Self.forEachOption(value) { option in
            saysClose = saysClose || option.isEqualIgnoringCase(toLowerCase: "close")
            saysKeepAlive = saysKeepAlive || option.isEqualIgnoringCase(toLowerCase: "keep-alive")
            saysUpgrade = saysUpgrade || option.isEqualIgnoringCase(toLowerCase: "upgrade")
        }
    }

    /// The elements of a comma-separated list; empty ones are none (RFC 9110 section 5.6.1).
    @inline(__always)
    private static func forEachOption(_ value: Span<UInt8>, _ take: (Span<UInt8>) -> Void) {
        var start = 0
        for index in 0...value.count where index == value.count || value[index] == ASCII.comma {
            var end = index
            while start < end, ASCII.isBlank(value[start]) {
                start += 1
            }
            while end > start, ASCII.isBlank(value[end - 1]) {
                end -= 1
            }
            if start < end { take(value.extracting(start..<end)) }
            start = index + 1
        }
    }
}
