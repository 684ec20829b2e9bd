internal import Timestamps

/// One line of the log, as bytes with the line feed at its end.
struct LogLine {
    // Limit: a line stays well below what collectors cut (16 KiB at the shortest).
    static let textBytesMax = 2048

    let milliseconds: Int64
    let level: LogLevel
    let event: String
    let fields: [(name: String, value: LoggedValue)]

    func bytes(as format: LogFormat) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        switch format {
        case .json: appendJSON(to: &bytes)
        case .text: appendText(to: &bytes)
        }
        bytes.append(0x0A)
        return bytes
    }

    /// `{"time":"…","level":"info","event":"…","name":value}`.
    private func appendJSON(to bytes: inout [UInt8]) {
        bytes += "{\"time\":\"".utf8
        bytes += Timestamp.bytes(milliseconds: milliseconds)
        bytes += "\",\"level\":\"\(level.name)\",\"event\":".utf8
        JSONText.append(event, to: &bytes)
        for (name, value) in fields {
            bytes.append(UInt8(ascii: ","))
            JSONText.append(name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            JSONText.append(Self.shortened(value), to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// `2026-10-06T09:02:47.713Z info event name=value`; texts that are not one plain word are quoted as in JSON.
    private func appendText(to bytes: inout [UInt8]) {
        bytes += Timestamp.bytes(milliseconds: milliseconds)
        bytes += " \(level.name) \(event)".utf8
        for (name, value) in fields {
            bytes += " \(name)=".utf8
            let value = Self.shortened(value)
            if case .text(let text) = value, Self.isPlainWord(text) {
                bytes += text.utf8
            } else {
                JSONText.append(value, to: &bytes)
            }
        }
    }

    private static func isPlainWord(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
                    && $0 != UInt8(ascii: "\\")
            }
    }

    private static func shortened(_ value: LoggedValue) -> LoggedValue {
        guard case .text(let text) = value, text.utf8.count > textBytesMax else { return value }
        return .text(String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self) + "…")
    }
}
