/// Where the parts of a request line lie. The method starts at 0, offsets count from the first byte of the request.
struct RequestLine: Equatable {
    private(set) var version = RequestHead.Version.http11
    private(set) var methodEnd = 0
    private(set) var targetStart = 0
    /// The first question mark, or the target's end.
    private(set) var pathEnd = 0
    private(set) var targetEnd = 0

    init() {}

    /// Reads `method SP origin-form SP version`, given without its CRLF. The version is looked at before the target,
    /// so that the preface of HTTP/2 (`PRI * HTTP/2.0`) is named what it is.
    init(_ bytes: Span<UInt8>) throws(Refusal) {
        while methodEnd < bytes.count, ASCII.isToken(bytes[methodEnd]) {
            methodEnd += 1
        }
        guard methodEnd > 0, methodEnd < bytes.count, bytes[methodEnd] == ASCII.space else { throw .badRequestLine }
        targetStart = methodEnd + 1

        var index = targetStart
        var isGood = true
        var hasPercent = false
        while index < bytes.count, bytes[index] != ASCII.space {
            isGood = isGood && ASCII.isTarget(bytes[index])
            hasPercent = hasPercent || bytes[index] == ASCII.percent
            if bytes[index] == ASCII.questionMark, pathEnd == 0 {
                pathEnd = index
            }
            index += 1
        }
        targetEnd = index
        if pathEnd == 0 {
            pathEnd = index
        }
        version = try Self.version(bytes, start: index + 1)
        guard isGood, targetEnd > targetStart, bytes[targetStart] == ASCII.slash else { throw .badTarget }
        if hasPercent {
            try checkPercentEncoding(bytes)
        }
    }

    private static func version(_ bytes: Span<UInt8>, start: Int) throws(Refusal) -> RequestHead.Version {
        let name: InlineArray<5, UInt8> = [0x48, 0x54, 0x54, 0x50, 0x2F]
        guard bytes.count == start + 8 else { throw .badRequestLine }
        for index in name.indices where bytes[start + index] != name[index] {
            throw .badRequestLine
        }
        let major = bytes[start + 5] &- ASCII.zero
        let minor = bytes[start + 7] &- ASCII.zero
        guard major < 10, minor < 10, bytes[start + 6] == ASCII.dot else { throw .badRequestLine }
        guard major == 1, minor < 2 else { throw .unsupportedVersion }
        return minor == 0 ? .http10 : .http11
    }

    private func checkPercentEncoding(_ bytes: Span<UInt8>) throws(Refusal) {
        for index in targetStart..<targetEnd where bytes[index] == ASCII.percent {
            guard index + 2 < targetEnd, ASCII.hexValue(bytes[index + 1]) != nil,
                ASCII.hexValue(bytes[index + 2]) != nil
            else { throw .badTarget }
        }
    }
}
