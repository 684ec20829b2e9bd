internal import FoundationEssentials

package enum SortedJSON {
    /// The bytes of a value that can always be written: texts, whole and finite numbers, lists of them.
    package static func bytes(_ value: some Encodable, inSnakeCase: Bool = false) -> [UInt8] {
        let encoder = JSONEncoder()
        if inSnakeCase { encoder.keyEncodingStrategy = .convertToSnakeCase }
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            preconditionFailure("Texts, finite numbers and lists of them can always be written as JSON.")
        }
        return Array(data)
    }

    /// The same value as a text that may be shown on a terminal: what is harmful there is escaped.
    package static func text(_ value: some Encodable, inSnakeCase: Bool = false) -> String {
        String(decoding: JSONEscape.safe(bytes(value, inSnakeCase: inSnakeCase)), as: UTF8.self)
    }
}

/// The escapes of JSON, with which a terminal can be shown any text and a program reads it unchanged.
package enum JSONEscape {
    /// Appends a character as `\u` and four digits, one above U+FFFF as two of them.
    package static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        for unit in String(scalar).utf16 {
            bytes += "\\u".utf8
            for shift in stride(from: UInt16(12), through: 0, by: -4) { bytes.append(digit(unit >> shift & 15)) }
        }
    }

    /// JSON as it came from an encoder, with escapes for what ``PlainText/isHarmful(_:)`` says. An encoder has escaped
    /// control characters below 0x20 before, and the others can only stand in strings.
    package static func safe(_ json: [UInt8]) -> [UInt8] {
        guard json.contains(where: { $0 >= 0x7F }) else { return json }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count + json.count / 8)
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
            if scalar.value >= 0x7F, PlainText.isHarmful(scalar) {
                append(scalar, to: &bytes)
            } else if scalar.isASCII {
                bytes.append(UInt8(ascii: scalar))
            } else {
                bytes += String(scalar).utf8
            }
        }
        return bytes
    }

    private static func digit(_ value: UInt16) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value)
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
