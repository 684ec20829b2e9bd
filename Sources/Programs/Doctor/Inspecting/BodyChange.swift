/// What tools do to a body on its way into a file, and how it is undone: the bytes of the result may be those that
/// Notion signed. Pure.
package enum BodyChange: String, CaseIterable, Sendable, Encodable {
    /// An editor, `echo` or a log added a line feed at the end.
    case finalLineFeed = "final_line_feed"
    /// The line feed at the end was cut off.
    case cutLineFeed = "cut_line_feed"
    /// A program put a byte order mark in front.
    case byteOrderMark = "byte_order_mark"
    /// The JSON was written again with white space between its parts.
    case whiteSpace = "white_space"
    /// The JSON was written again with escapes for characters: Python's `json.dumps`, Go's `encoding/json`, PHP.
    case escapes
    /// The JSON was written again with characters in place of escapes.
    case unescaped

    /// The end of a sentence that begins with "these bytes fit once".
    package var undoing: String {
        switch self {
        case .finalLineFeed: "the white space at the end is taken off"
        case .cutLineFeed: "a line feed is put at the end"
        case .byteOrderMark: "the byte order mark in front is taken off"
        case .whiteSpace: "the white space between the parts of the JSON is taken out"
        case .escapes: "escapes such as \\u00e9, \\u0026 and \\/ are written as the characters that they are"
        case .unescaped: "characters beyond ASCII are written as escapes"
        }
    }

    /// Nil when there is nothing to undo.
    package func undone(_ body: [UInt8]) -> [UInt8]? {
        let result =
            switch self {
            case .finalLineFeed: Array(body.reversed().drop { Self.isSpace($0) }.reversed())
            case .cutLineFeed: body.last == 0x0A ? body : body + [0x0A]
            case .byteOrderMark: body.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(body.dropFirst(3)) : body
            case .whiteSpace: Self.withoutSpace(body)
            case .escapes: Self.withCharacters(body)
            case .unescaped: Self.withEscapes(body)
            }
        return result == body ? nil : result
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// White space outside strings is taken out; inside them every byte counts.
    private static func withoutSpace(_ body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var (isInString, isEscaped) = (false, false)
        for byte in body {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isInString = false
                }
            } else {
                guard !isSpace(byte) else { continue }
                isInString = byte == 0x22
            }
            result.append(byte)
        }
        return result
    }

    /// `\/`, and `\u` with what JSON lets stand for itself, become characters; what has to be escaped stays.
    private static func withCharacters(_ body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < body.count {
            guard body[index] == 0x5C, index + 1 < body.count else {
                result.append(body[index])
                index += 1
                continue
            }
            if body[index + 1] == 0x2F {
                result.append(0x2F)
                index += 2
            } else if let (scalar, length) = scalar(at: index, in: body), isPlain(scalar) {
                result += Array(String(Character(scalar)).utf8)
                index += length
            } else {
                result += body[index...(index + 1)]
                index += 2
            }
        }
        return result
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && scalar != "\"" && scalar != "\\"
    }

    /// The character of an escape, or of two that are a surrogate pair, and how long it is.
    private static func scalar(at index: Int, in body: [UInt8]) -> (Unicode.Scalar, Int)? {
        guard let high = unit(at: index, in: body) else { return nil }
        if let scalar = Unicode.Scalar(UInt32(high)) { return (scalar, 6) }
        guard (0xD800...0xDBFF).contains(high), let low = unit(at: index + 6, in: body),
            (0xDC00...0xDFFF).contains(low)
        else { return nil }
        let value = 0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        return Unicode.Scalar(value).map { ($0, 12) }
    }

    private static func unit(at index: Int, in body: [UInt8]) -> UInt16? {
        guard index + 6 <= body.count, body[index] == 0x5C, body[index + 1] == 0x75 else { return nil }
        return UInt16(String(decoding: body[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16)
    }

    /// Each character beyond ASCII becomes `\u` and four digits in lower case, twice beyond the basic plane.
    private static func withEscapes(_ body: [UInt8]) -> [UInt8] {
        guard body.contains(where: { $0 >= 0x80 }), let text = String(validating: body, as: UTF8.self) else {
            return body
        }
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                result.unicodeScalars.append(scalar)
            } else {
                for unit in String(Character(scalar)).utf16 {
                    result += "\\u" + String(unit, radix: 16).leftPadded(to: 4)
                }
            }
        }
        return Array(result.utf8)
    }
}

extension String {
    fileprivate func leftPadded(to count: Int) -> String {
        String(repeating: "0", count: max(0, count - self.count)) + self
    }
}
