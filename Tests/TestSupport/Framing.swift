import Foundation
import Testing

/// One row of `Tests/HTTPFramingTests/Framings.txt`, the corpus of requests that are sound, strange or hostile.
package struct Framing: Sendable, CustomTestStringConvertible {
    package var name = ""
    package var bytes: [UInt8] = []
    package var expected = ""

    package var testDescription: String { name }

    package static let all: [Framing] = {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.appending(path: "HTTPFramingTests/Framings.txt")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        return text.split(separator: "\n\n").compactMap { block in
            var row = Framing()
            for line in block.split(separator: "\n") where !line.hasPrefix("#") {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = String(line[line.index(after: colon)...].dropFirst())
                switch line[..<colon] {
                case "name": row.name = value
                case "bytes": row.bytes = unescaped(value)
                case "expect": row.expected = String(decoding: unescaped(value), as: UTF8.self)
                default: continue
                }
            }
            return row.name.isEmpty ? nil : row
        }
    }()

    /// Backslash escapes, and `{text*N}` for N times the text.
    static func unescaped(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Substring(text)
        while let character = rest.popFirst() {
            if character == "{", let star = rest.firstIndex(of: "*"), let end = rest[star...].firstIndex(of: "}"),
                let count = Int(rest[rest.index(after: star)..<end])
            {
                let part = unescaped(String(rest[..<star]))
                bytes += (0..<count).flatMap { _ in part }
                rest = rest[rest.index(after: end)...]
            } else if character == "\\", let escape = rest.popFirst() {
                switch escape {
                case "r": bytes.append(0x0D)
                case "n": bytes.append(0x0A)
                case "t": bytes.append(0x09)
                case "0": bytes.append(0)
                case "x":
                    bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
                    rest = rest.dropFirst(2)
                default: bytes += Array(String(escape).utf8)
                }
            } else {
                bytes += Array(String(character).utf8)
            }
        }
        return bytes
    }
}
