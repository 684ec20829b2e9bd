import NotionWebhooks

/// Percent-encoding (RFC 3986, 2.1).
enum PercentEncoding {
    /// Takes the encoding off once. A percent sign that two hexadecimal digits do not follow stands for itself.
    static func decode(_ text: Span<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            if text[position] == UInt8(ascii: "%"), position + 2 < text.count,
                let high = text[position + 1].hexDigitValue, let low = text[position + 2].hexDigitValue
            {
                decoded.append(high &<< 4 | low)
                position += 3
            } else {
                decoded.append(text[position])
                position += 1
            }
        }
        return decoded
    }

    /// Encodes everything but RFC 3986's unreserved characters, for one segment of a path.
    static func encode(_ text: Span<UInt8>) -> [UInt8] {
        var encoded: [UInt8] = []
        for index in text.indices {
            let byte = text[index]
            if isUnreserved(byte) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(digit(byte &>> 4, ten: UInt8(ascii: "A")))
                encoded.append(digit(byte & 15, ten: UInt8(ascii: "A")))
            }
        }
        return encoded
    }

    /// The hexadecimal digit for a value from 0 to 15, in the case of the given digit for ten.
    static func digit(_ value: UInt8, ten: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : ten &+ value &- 10
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
