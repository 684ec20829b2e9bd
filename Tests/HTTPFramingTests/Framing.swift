import Foundation
import HTTPFraming
import Testing

/// One row of `Framings.txt`.
struct Framing: CustomTestStringConvertible {
    var name = ""
    var bytes: [UInt8] = []
    var expected = ""

    var testDescription: String { name }

    static var limits: Limits {
        var limits = Limits()
        limits.requestLineBytesMax = 64
        limits.headBytesMax = 256
        limits.fieldCountMax = 8
        return limits
    }

    static let bodyBytesMax = 16

    static let all: [Framing] = {
        guard let url = Bundle.module.url(forResource: "Framings", withExtension: "txt"),
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { return [] }
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
