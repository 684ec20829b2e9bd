import NotionWebhooks

/// Percent-encoding (RFC 3986, 2.1).
package enum PercentEncoding {
    /// Decodes once, in place. A percent sign that is not followed by two hexadecimal digits stands for itself.
    ///
    /// - Parameter text: UTF-8.
    /// - Returns: whether the result is UTF-8; if not, the text must not be used.
    package static func decode(_ text: inout [UInt8]) -> Bool {
        var read = 0
        var written = 0
        var union: UInt8 = 0
        while read < text.count {
            var byte = text[read]
            read &+= 1
            if byte == UInt8(ascii: "%"), read &+ 1 < text.count, let high = text[read].hexDigitValue,
                let low = text[read &+ 1].hexDigitValue
            {
                byte = high &<< 4 | low
                read &+= 2
            }
            text[written] = byte
            written &+= 1
            union |= byte
        }
        text.removeLast(text.count &- written)
        return union < 0x80 || String(validating: text, as: UTF8.self) != nil
    }

    /// Encodes everything but RFC 3986's unreserved characters, for one segment of a path.
    package static func encode(_ text: Span<UInt8>) -> [UInt8] {
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
