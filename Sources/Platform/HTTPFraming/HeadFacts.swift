/// What the fields of one head say about framing and connection.
struct HeadFacts {
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var saysClose = false
    private(set) var saysKeepAlive = false
    private(set) var expectsContinue = false
    private var hasHost = false
    private var hasUpgrade = false
    private var saysUpgrade = false

    /// Takes note of one field if it is one of the six that matter here.
    mutating func note(_ field: FieldRange, in bytes: Span<UInt8>) throws(Refusal) {
        let name = bytes.extracting(field.name)
        switch name.count {
        case 4 where name.isEqualIgnoringCase(toLowerCase: "host"):
            try noteHost(bytes.extracting(field.value))
        case 6 where name.isEqualIgnoringCase(toLowerCase: "expect"):
            guard !expectsContinue, bytes.extracting(field.value).isEqualIgnoringCase(toLowerCase: "100-continue")
            else {
                throw .unsupportedExpectation
            }
            expectsContinue = true
        case 7 where name.isEqualIgnoringCase(toLowerCase: "upgrade"):
            hasUpgrade = true
        case 10 where name.isEqualIgnoringCase(toLowerCase: "connection"):
            noteConnection(bytes.extracting(field.value))
        case 14 where name.isEqualIgnoringCase(toLowerCase: "content-length"):
            try noteContentLength(bytes.extracting(field.value))
        case 17 where name.isEqualIgnoringCase(toLowerCase: "transfer-encoding"):
            guard !isChunked else { throw .repeatedTransferEncoding }
            // Some readers take white space behind the coding for a part of it.
            guard bytes.extracting(field.value).isEqualIgnoringCase(toLowerCase: "chunked"),
                bytes[field.value.upperBound] == ASCII.carriageReturn
            else {
                throw .unsupportedTransferEncoding
            }
            isChunked = true
        default:
            break
        }
    }

    /// The rules that need the whole head.
    func check(version: RequestHead.Version) throws(Refusal) {
        guard hasHost || version == .http10 else { throw .missingHost }
        guard !hasUpgrade || !saysUpgrade || (!isChunked && contentLength ?? 0 == 0) else { throw .upgradeWithBody }
        guard isChunked else { return }
        guard version == .http11 else { throw .transferEncodingInOldVersion }
        guard contentLength == nil else { throw .lengthBesideTransferEncoding }
    }

    private mutating func noteHost(_ value: Span<UInt8>) throws(Refusal) {
        guard !hasHost else { throw .repeatedHost }
        for index in value.indices where !ASCII.isHost(value[index]) {
            throw .badHost
        }
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

    /// A comma-separated list of options, of which three matter here.
    private mutating func noteConnection(_ value: Span<UInt8>) {
        var start = 0
        for index in 0...value.count where index == value.count || value[index] == ASCII.comma {
            var end = index
            while start < end, ASCII.isBlank(value[start]) {
                start += 1
            }
            while end > start, ASCII.isBlank(value[end - 1]) {
                end -= 1
            }
            let option = value.extracting(start..<end)
            saysClose = saysClose || option.isEqualIgnoringCase(toLowerCase: "close")
            saysKeepAlive = saysKeepAlive || option.isEqualIgnoringCase(toLowerCase: "keep-alive")
            saysUpgrade = saysUpgrade || option.isEqualIgnoringCase(toLowerCase: "upgrade")
            start = index + 1
        }
    }
}
