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

    /// Whether two hexadecimal digits follow each percent sign of the target.
    func isPercentEncoded(_ bytes: Span<UInt8>) -> Bool {
        for index in targetStart..<targetEnd where bytes[index] == ASCII.percent {
            guard index + 2 < targetEnd, ASCII.hexValue(bytes[index + 1]) != nil,
                ASCII.hexValue(bytes[index + 2]) != nil
            else { return false }
        }
        return true
    }
}
