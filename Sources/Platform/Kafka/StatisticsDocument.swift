/// librdkafka's statistics JSON as a tree: objects, arrays, strings without exotic escapes, integers.
///
/// It is trusted input that comes once a second, so this reads what librdkafka writes and returns `nil` for the rest.
indirect enum StatisticsDocument {
    case object([String: StatisticsDocument])
    case array([StatisticsDocument])
    case text(String)
    case number(Int)
    case nothing

    static func read(_ json: [UInt8]) -> StatisticsDocument? {
        var reader = StatisticsReader(json)
        guard let root = reader.value(depth: 0), case .object = root else { return nil }
        return root
    }

    subscript(_ name: String) -> StatisticsDocument { members[name] ?? .nothing }

    var members: [String: StatisticsDocument] { if case .object(let members) = self { members } else { [:] } }

    var number: Int { if case .number(let number) = self { number } else { 0 } }

    var text: String { if case .text(let text) = self { text } else { "" } }
}

private struct StatisticsReader {
    private let bytes: [UInt8]
    private var index = 0

    /// Limit: librdkafka nests five deep.
    private static let depthMax = 32

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func value(depth: Int) -> StatisticsDocument? {
        guard depth < StatisticsReader.depthMax, let first = peek() else { return nil }
        switch first {
        case UInt8(ascii: "{"): return object(depth)
        case UInt8(ascii: "["): return array(depth)
        case UInt8(ascii: "\""): return string().map { .text($0) }
        default: return scalar()
        }
    }

    private mutating func object(_ depth: Int) -> StatisticsDocument? {
        var members: [String: StatisticsDocument] = [:]
        index += 1
        while let byte = peek(), byte != UInt8(ascii: "}") {
            guard let name = string(), take(UInt8(ascii: ":")), let member = value(depth: depth + 1) else { return nil }
            members[name] = member
            guard take(UInt8(ascii: ",")) || peek() == UInt8(ascii: "}") else { return nil }
        }
        return take(UInt8(ascii: "}")) ? .object(members) : nil
    }

    private mutating func array(_ depth: Int) -> StatisticsDocument? {
        var elements: [StatisticsDocument] = []
        index += 1
        while let byte = peek(), byte != UInt8(ascii: "]") {
            guard let element = value(depth: depth + 1) else { return nil }
            elements.append(element)
            guard take(UInt8(ascii: ",")) || peek() == UInt8(ascii: "]") else { return nil }
        }
        return take(UInt8(ascii: "]")) ? .array(elements) : nil
    }

    private mutating func string() -> String? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        var text: [UInt8] = []
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            if bytes[index] == UInt8(ascii: "\\") { index += 1 }
            guard index < bytes.count else { return nil }
            text.append(bytes[index])
            index += 1
        }
        return take(UInt8(ascii: "\"")) ? String(decoding: text, as: UTF8.self) : nil
    }

    /// Integers in full, fractions cut off, `true`, `false` and `null` as nothing.
    private mutating func scalar() -> StatisticsDocument? {
        let start = index
        while index < bytes.count, !StatisticsReader.ends.contains(bytes[index]) { index += 1 }
        guard index > start else { return nil }
        let text = String(decoding: bytes[start..<index].prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self)
        return Int(text).map { .number($0) } ?? .nothing
    }

    private static let ends = Array(",]} \n\r\t".utf8)

    private mutating func peek() -> UInt8? {
        while index < bytes.count, " \n\r\t".utf8.contains(bytes[index]) { index += 1 }
        return index < bytes.count ? bytes[index] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }
}
