import Kafka

extension Kafka.Record {
    /// The headers, a line each: text where it is printable, `0x…` otherwise, `null` for null.
    var headerLines: [String] {
        headers.map { header in
            guard let value = header.value else { return "\(header.name) = null" }
            let isText = value.allSatisfy { (0x20...0x7E).contains($0) }
            let hex = value.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
            return "\(header.name) = " + (isText ? String(decoding: value, as: UTF8.self) : "0x\(hex)")
        }
    }

    /// A copy in which one header has another value; nil leaves the header out.
    func replacing(_ name: String, _ value: [UInt8]?) -> Kafka.Record {
        var copy = self
        copy.headers = headers.compactMap { header in
            if header.name != name { return header }
            return value.map { Header(name: name, value: $0) }
        }
        return copy
    }
}
