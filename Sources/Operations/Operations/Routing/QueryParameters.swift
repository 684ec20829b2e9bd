/// The parameters of a query, decoded as forms are (application/x-www-form-urlencoded), in their order.
package struct QueryParameters: Equatable, Sendable {
    // Limit: more parameters than any of our routes knows, few enough to look through one after the other.
    static let countMax = 100

    private let pairs: [(name: String, value: String)]

    package init(_ query: String = "") throws(RoutingError) {
        let parts = query.split(separator: "&", omittingEmptySubsequences: true)
        guard parts.count <= Self.countMax else {
            throw .badParameter("query", "more than \(Self.countMax) parameters")
        }
        var pairs: [(name: String, value: String)] = []
        for part in parts {
            let cut = part.firstIndex(of: "=")
            guard let name = PercentEncoding.decoded(part[..<(cut ?? part.endIndex)], plusIsSpace: true),
                let value = PercentEncoding.decoded(
                    cut.map { part[part.index(after: $0)...] } ?? "",
                    plusIsSpace: true
                )
            else { throw .badParameter("query", "percent-encoding that is not UTF-8 text") }
            pairs.append((name, value))
        }
        self.pairs = pairs
    }

    package static func == (left: QueryParameters, right: QueryParameters) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0 == $1 }
    }

    package var names: [String] { pairs.map(\.name) }

    /// All values of a name.
    package func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// The value of a name that may come once.
    package func text(_ name: String) throws(RoutingError) -> String? {
        let values = all(name)
        guard values.count < 2 else { throw .badParameter(name, "given \(values.count) times") }
        return values.first
    }

    package func integer(_ name: String, in range: ClosedRange<Int>) throws(RoutingError) -> Int? {
        guard let text = try text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .badParameter(name, "a whole number from \(range.lowerBound) to \(range.upperBound) is wanted")
        }
        return number
    }

    /// `true`, `false`, or the name alone, which means true.
    package func flag(_ name: String) throws(RoutingError) -> Bool? {
        switch try text(name) {
        case nil: return nil
        case "", "true": return true
        case "false": return false
        default: throw .badParameter(name, "true or false is wanted")
        }
    }
}

/// Percent-encoding as RFC 3986 section 2.1 has it, without tolerance.
package enum PercentEncoding {
    /// The decoded text; nil when a percent sign is not followed by two hexadecimal digits, or the bytes are no UTF-8.
    package static func decoded(_ text: Substring, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
