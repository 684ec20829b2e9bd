internal import HTTPServer
internal import TextOutput
internal import Timestamps

package enum SettingType: Sendable, Equatable {
    /// Any text of 1...1024 bytes without control characters.
    case string
    case integer(ClosedRange<Int>)
    case duration(ClosedRange<Duration>)
    case bytes(ClosedRange<Int>)
    case choice([String])
    case boolean
    /// `HOST:PORT`, more of them separated by commas.
    case hosts
    /// Numeric address and port to listen on, where port 0 takes a free one, or a Unix socket's path.
    case address
    /// Networks in CIDR notation, single addresses and `unix`, separated by commas.
    case networks
    /// Names of hosts without ports, separated by commas.
    case hostNames
    /// The path of a request.
    case urlPath
    case url, topicName
    /// A consumer group's id that can be a part of a topic's name.
    case groupName
    case file
    /// What names a verification token: 12 hexadecimal digits.
    case fingerprint
    case options
    case rate
    case number(ClosedRange<Double>)
    case factor, position, time
    /// How a record is written; white space around it counts.
    case recordFormat
    /// A regular expression; white space around it counts.
    case pattern
    case secret, secrets

    package var isSecret: Bool { self == .secret || self == .secrets }

    package var isRepeatable: Bool { self == .hosts || self == .options }

    package var placeholder: String { words.placeholder }
    package var allowed: String { words.allowed }

    private var words: (placeholder: String, allowed: String) {
        switch self {
        case .string: ("TEXT", "text without control characters, up to 1024 bytes")
        case .integer: ("N", "a whole number from \(limits)")
        case .duration: ("DURATION", "a duration such as 500ms, 8s or 2m, from \(limits)")
        case .bytes: ("BYTES", "a size such as 1000, 64KiB or 1MiB, from \(limits)")
        case .choice(let choices): (choices.joined(separator: "|"), choices.joined(separator: ", "))
        case .boolean: ("", "true or false")
        case .hosts: ("HOST:PORT[,...]", "HOST:PORT, several separated by commas")
        case .address: ("HOST:PORT", "IPV4:PORT, [IPV6]:PORT, localhost:PORT (port 0 takes a free one) or unix:/PATH")
        case .networks: ("CIDR[,...]", "10.0.0.0/8, 2001:db8::/32, single addresses or unix, separated by commas")
        case .hostNames: ("NAME[,...]", "names of hosts without ports, separated by commas")
        case .urlPath:
            (
                "/PATH",
                "a path that begins with /, of letters, digits, %XX and -._~!$&'()*+,;=:@, without // and dot segments"
            )
        case .url: ("URL", "http://HOST[:PORT]/PATH or https://, without user name and password")
        case .topicName: ("TOPIC", "1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'")
        case .groupName: ("GROUP", "1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'")
        case .file: ("FILE", "the path of a file")
        case .fingerprint: ("FINGERPRINT", "12 hexadecimal digits, as subscription pending and list show them")
        case .options: ("NAME=VALUE", "NAME=VALUE with one of librdkafka's names")
        case .rate: ("RATE", "a rate such as 500/s, 500 or 30/m, above 0 and up to 10000000/s")
        case .number: ("NUMBER", "a number from \(limits)")
        case .factor: ("FACTOR", "a factor such as 10x, 10 or 0.5x, above 0 and up to 1000000x")
        case .position:
            ("beginning|end|TIME", "beginning, end, a time such as 2026-10-06T09:02:47Z, or milliseconds since 1970")
        case .time: ("TIME", "a time such as 2026-10-06T09:02:47Z, or milliseconds since 1970")
        case .recordFormat:
            ("table|json|TEXT", "table, json, or text with tokens and escapes such as '%o %k\\n', up to 1024 bytes")
        case .pattern: ("REGEX", "a regular expression without control characters, up to 1024 bytes")
        case .secret: ("SECRET", "visible ASCII without commas, up to 512 bytes")
        case .secrets: ("SECRET", "visible ASCII, up to 512 bytes each, up to 16 separated by commas")
        }
    }

    /// Lowest and highest value, where the type has them.
    var limits: String {
        func limits<Value>(_ range: ClosedRange<Value>, _ value: (Value) -> SettingValue) -> String {
            "\(value(range.lowerBound)) to \(value(range.upperBound))"
        }
        return switch self {
        case .integer(let range): limits(range) { .integer($0) }
        case .duration(let range): limits(range) { .duration($0) }
        case .bytes(let range): limits(range) { .bytes($0) }
        case .number(let range): limits(range) { .number($0) }
        default: ""
        }
    }

    /// What stands for parts of a record and for bytes in the text of ``recordFormat``.
    package static let recordTokens =
        "%t topic, %p partition, %o offset, %T milliseconds, %k key, %K its length, %s value, %S its length, "
        + "%R that in four bytes, %h headers, %{NAME} a header, %%; \\n \\r \\t \\\\ \\xHH"

    static let durationUnits: [(name: String, milliseconds: Int)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    static let byteUnits: [(name: String, factor: Int)] = [
        ("", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]

    // Limit: more brokers or tokens than these are a mistake in a file, not a configuration.
    static let listCountMax = 64
    static let secretCountMax = 16
    static let secretBytesMax = 512
    static let textBytesMax = 1024

    /// Turns a text into a value. Surrounding white space is part of no value but a record's format and a pattern.
    package func parse(_ text: String) throws(ValueRefusal) -> SettingValue {
        let text = self == .recordFormat || self == .pattern || self == .secrets ? text : Self.trimmed(text)
        guard !text.isEmpty else { throw ValueRefusal(reason: "is empty") }
        switch self {
        case .integer(let range): return try .integer(Self.integer(text, in: range))
        case .duration(let range): return try .duration(Self.duration(text, in: range))
        case .bytes(let range): return try .bytes(Self.bytes(text, in: range))
        case .choice(let choices):
            return try Self.require(.text(text), choices.contains(text), "is not one of the choices")
        case .boolean:
            return try Self.require(.boolean(text == "true"), text == "true" || text == "false", "is not a truth value")
        case .hosts: return try .list(Self.hosts(text))
        case .rate: return try .rate(Self.rate(text))
        case .number(let range): return try .number(Self.number(text, in: range))
        case .factor: return try .number(Self.factor(text))
        case .position:
            guard let position = StartPosition(text) else { throw ValueRefusal(reason: "is not a point in a topic") }
            return .position(position)
        case .time:
            guard let milliseconds = Timestamp.milliseconds(text) else { throw ValueRefusal(reason: "is not a time") }
            return .time(milliseconds: milliseconds)
        case .secret: return try .secrets([Secret(Self.checkedSecret(text, ""))])
        case .secrets: return try .secrets(Self.secrets(text))
        case .string, .address, .networks, .hostNames, .urlPath, .url, .topicName, .groupName, .file, .recordFormat,
            .pattern:
            return try .text(checkedText(text))
        case .fingerprint:
            let isOne = text.utf8.count == 12 && text.utf8.allSatisfy(Self.isHexadecimal)
            return try Self.require(.text(text.lowercased()), isOne, "is not a fingerprint")
        case .options: preconditionFailure("Options are parsed by their name, not as one value.")
        }
    }

    private func checkedText(_ text: String) throws(ValueRefusal) -> String {
        guard text.utf8.count <= Self.textBytesMax else { throw ValueRefusal(reason: "is too long") }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw ValueRefusal(reason: "holds a control character")
        }
        if self == .urlPath, let fault = RequestPath.fault(in: text) { throw ValueRefusal(reason: fault) }
        let fits =
            switch self {
            case .address: ListenAddress(text) != nil
            case .networks:
                text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy {
                    AddressRange(String($0)) != nil
                }
            case .hostNames:
                text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy {
                    // Limit: of a name in the DNS.
                    (1...253).contains($0.utf8.count)
                        && $0.unicodeScalars.allSatisfy { PlainText.isWord($0) || "._-".unicodeScalars.contains($0) }
                }
            case .url: Self.isURL(text)
            case .topicName, .groupName: PlainText.isTopicName(text)
            default: true
            }
        guard fits else { throw ValueRefusal(reason: "is not \(noun)") }
        return text
    }

    private var noun: String {
        switch self {
        case .address: "an address to listen on"
        case .networks: "a list of networks in CIDR notation"
        case .hostNames: "a list of names of hosts"
        case .url: "a usable URL"
        case .topicName: "a topic name"
        case .groupName: "a group name that a topic name could hold"
        default: "a text"
        }
    }

    private static func require(
        _ value: SettingValue,
        _ condition: Bool,
        _ reason: String
    ) throws(ValueRefusal) -> SettingValue {
        guard condition else { throw ValueRefusal(reason: reason) }
        return value
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        let isBlank: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        var scalars = Substring(text).unicodeScalars
        while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
        while let last = scalars.last, isBlank(last) { scalars.removeLast() }
        return String(scalars)
    }

    private static func digits(_ text: some StringProtocol, _ wrong: String) throws(ValueRefusal) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw ValueRefusal(reason: wrong)
        }
        guard let number = Int(text) else { throw ValueRefusal(reason: "is out of range") }
        return number
    }

    private static func integer(_ text: String, in range: ClosedRange<Int>) throws(ValueRefusal) -> Int {
        let isNegative = text.hasPrefix("-")
        let magnitude = try digits(text.dropFirst(isNegative ? 1 : 0), "is not a whole number")
        let number = isNegative ? -magnitude : magnitude
        guard range.contains(number) else { throw ValueRefusal(reason: "is out of range") }
        return number
    }

    /// Splits `64KiB` into its number and its unit.
    private static func quantity(_ text: String, _ wrong: String) throws(ValueRefusal) -> (Int, String) {
        let unit = text.drop { $0.isASCII && $0.isNumber }
        return (try digits(text[..<unit.startIndex], wrong), String(unit))
    }

    private static func duration(_ text: String, in range: ClosedRange<Duration>) throws(ValueRefusal) -> Duration {
        let (count, name) = try quantity(text, "is not a duration")
        guard let unit = durationUnits.first(where: { $0.name == name }) else {
            throw ValueRefusal(reason: name.isEmpty ? "has no unit" : "is not a duration")
        }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow, milliseconds <= range.upperBound.wholeMilliseconds,
            milliseconds >= range.lowerBound.wholeMilliseconds
        else { throw ValueRefusal(reason: "is out of range") }
        return .milliseconds(milliseconds)
    }

    private static func bytes(_ text: String, in range: ClosedRange<Int>) throws(ValueRefusal) -> Int {
        let (count, name) = try quantity(text, "is not a size")
        guard let unit = byteUnits.first(where: { $0.name == name }) else {
            throw ValueRefusal(reason: "is not a size")
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: unit.factor)
        guard !overflow, range.contains(bytes) else { throw ValueRefusal(reason: "is out of range") }
        return bytes
    }

    private static func number(_ text: String, in range: ClosedRange<Double>) throws(ValueRefusal) -> Double {
        guard let number = decimal(text) else { throw ValueRefusal(reason: "is not a number") }
        guard range.contains(number) else { throw ValueRefusal(reason: "is out of range") }
        return number
    }

    private static func factor(_ text: String) throws(ValueRefusal) -> Double {
        guard let factor = decimal(text.hasSuffix("x") ? text.dropLast() : text[...]) else {
            throw ValueRefusal(reason: "is not a factor")
        }
        guard factor > 0, factor <= 1_000_000 else { throw ValueRefusal(reason: "is out of range") }
        return factor
    }

    private static func rate(_ text: String) throws(ValueRefusal) -> Double {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let seconds: [String: Double] = ["s": 1, "m": 60]
        guard parts.count <= 2, let count = decimal(parts[0]),
            let unit = seconds[parts.count == 2 ? String(parts[1]) : "s"]
        else { throw ValueRefusal(reason: "is not a rate") }
        let perSecond = count / unit
        guard perSecond > 0, perSecond <= 10_000_000 else { throw ValueRefusal(reason: "is out of range") }
        return perSecond
    }

    /// Digits with at most one point, nothing else: `Double` alone would also take `nan`, `inf` and hexadecimal.
    private static func decimal(_ text: some StringProtocol) -> Double? {
        let bytes = Array(text.utf8)
        let points = bytes.count { $0 == UInt8(ascii: ".") }
        guard bytes.count <= 20, points <= 1, bytes.count > points,
            bytes.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: ".") })
        else { return nil }
        return Double(text)
    }

    private static func hosts(_ text: String) throws(ValueRefusal) -> [String] {
        let hosts = text.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
        guard hosts.count <= listCountMax else { throw ValueRefusal(reason: "has more than \(listCountMax) entries") }
        for (index, host) in hosts.enumerated() where !isHostAndPort(host, ports: 1...65_535) {
            throw ValueRefusal(reason: "has an entry that is not HOST:PORT (number \(index + 1))")
        }
        return hosts
    }

    private static func secrets(_ text: String) throws(ValueRefusal) -> [Secret] {
        // A file holds one a line or separates by commas; an empty line or a last comma is no token.
        var parts: [(text: String, line: Int)] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            parts += line.split(separator: ",").map { (trimmed($0), index + 1) }.filter { !$0.0.isEmpty }
        }
        guard !parts.isEmpty else { throw ValueRefusal(reason: "is empty") }
        guard parts.count <= secretCountMax else {
            throw ValueRefusal(reason: "has more than \(secretCountMax) entries")
        }
        let isOfLines = Set(parts.map(\.line)).count > 1
        return try parts.enumerated().map { index, part throws(ValueRefusal) in
            let place = isOfLines ? " (line \(part.line))" : " (entry \(index + 1))"
            return Secret(try checkedSecret(part.text, place), line: part.line)
        }
    }

    private static func checkedSecret(_ text: String, _ place: String) throws(ValueRefusal) -> String {
        guard text.utf8.count <= secretBytesMax else { throw ValueRefusal(reason: "is too long" + place) }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") }) else {
            let other =
                text.contains { $0.isWhitespace } ? "has white space in it" : "holds a character that is not allowed"
            throw ValueRefusal(reason: (DoubtfulSecret.surplus(in: text) ?? other) + place)
        }
        return text
    }

    private static func isHostAndPort(_ text: String, ports: ClosedRange<Int>) -> Bool {
        guard let colon = text.lastIndex(of: ":") else { return false }
        let port = text[text.index(after: colon)...]
        guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let number = Int(port), ports.contains(number)
        else { return false }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = host.dropFirst().dropLast()
            return inner.contains(":") && inner.utf8.allSatisfy { isHexadecimal($0) || $0 == 0x3A || $0 == 0x2E }
        }
        return (1...253).contains(host.utf8.count)
            && host.unicodeScalars.allSatisfy { PlainText.isWord($0) || "-._".unicodeScalars.contains($0) }
    }

    private static func isURL(_ text: String) -> Bool {
        guard let separator = text.firstRange(of: "://"), ["http", "https"].contains(text[..<separator.lowerBound])
        else { return false }
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !authority.contains("@") else { return false }
        let hasPort = !authority.hasSuffix("]") && authority.contains(":")
        return isHostAndPort(hasPort ? String(authority) : "\(authority):80", ports: 1...65_535)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}

/// Why a text is not a value of its type: the end of a sentence that begins with the place. Never quotes the text.
package struct ValueRefusal: Error, Equatable {
    package let reason: String

    package init(reason: String) { self.reason = reason }
}
