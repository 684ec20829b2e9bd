import FoundationEssentials

/// Base64 with the standard alphabet (RFC 4648, section 4), by Foundation, and stricter than that about padding.
enum Base64 {
    /// The text of some bytes, padded.
    static func text(_ bytes: Span<UInt8>) -> String {
        var data = Data(capacity: bytes.count)
        for index in bytes.indices { data.append(bytes[index]) }
        return data.base64EncodedString()
    }

    /// The bytes of a text; nil for anything that is no base64. Padding may be missing, and the last digit's unused
    /// bits may be anything, because other readers of webhook secrets take both.
    static func bytes(_ text: Substring.UTF8View) -> [UInt8]? {
        let digits = text.prefix { $0 != UInt8(ascii: "=") }
        let padding = text.dropFirst(digits.count)
        guard digits.count % 4 != 1, padding.isEmpty || text.count % 4 == 0, padding.count <= 2,
            padding.allSatisfy({ $0 == UInt8(ascii: "=") })
        else { return nil }
        let padded = Array(digits) + Array(repeating: UInt8(ascii: "="), count: (4 - digits.count % 4) % 4)
        return Data(base64Encoded: Data(padded)).map { Array($0) }
    }
}
