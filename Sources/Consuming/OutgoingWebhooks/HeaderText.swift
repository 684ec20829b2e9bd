/// Values of HTTP headers as the HTTP binding of CloudEvents 1.0.2 encodes them (section 3.1.3.2).
enum HeaderText {
    /// The value with everything percent-encoded but the visible characters of ASCII without the double quote and the
    /// percent sign. So no value, whatever it holds, can end a header or begin another.
    ///
    /// - Parameters:
    ///   - value: UTF-8. Readers must refuse other bytes, encoded or not, so there is no text for them.
    ///   - others: visible characters that have a meaning where the value will stand, encoded as well.
    ///   - bytesMax: of the encoded text.
    /// - Returns: nil for an empty value, which CloudEvents does not allow, for one that is not UTF-8 or too long.
    static func encoded(_ value: [UInt8], alsoEncoding others: String = "", bytesMax: Int) -> String? {
        guard !value.isEmpty, value.count <= bytesMax else { return nil }
        var text: [UInt8] = []
        text.reserveCapacity(value.count)
        for byte in value {
            if isPlain(byte), !others.utf8.contains(byte) {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        guard text.count <= bytesMax, String(validating: value, as: UTF8.self) != nil else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "%")
    }
}
