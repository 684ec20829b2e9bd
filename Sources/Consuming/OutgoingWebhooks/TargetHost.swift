/// A host with the port that was given, as both addresses and rules write it.
struct TargetHost: Sendable, Equatable {
    /// In lower case: a name, an IPv4 address as `a.b.c.d`, or an IPv6 address in brackets as it was written.
    let name: String
    let port: Int?

    init(_ text: Substring) throws(TargetError) {
        let nameEnd: Substring.Index
        if text.first == "[" {
            guard let bracket = text.firstIndex(of: "]") else { throw .badHost }
            nameEnd = text.index(after: bracket)
        } else {
            nameEnd = text.firstIndex(of: ":") ?? text.endIndex
        }
        name = text[..<nameEnd].lowercased()
        guard name.first == "[" ? Self.isIPv6(name.dropFirst().dropLast()) : Self.isName(name) else { throw .badHost }
        let rest = text[nameEnd...]
        if rest.isEmpty {
            port = nil
        } else {
            port = try Self.port(rest)
        }
    }

    private static func port(_ text: Substring) throws(TargetError) -> Int {
        let digits = text.dropFirst()
        guard text.first == ":", (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits), (1...65_535).contains(port)
        else { throw .badPort }
        return port
    }

    /// RFC 4291, section 2.2. The zone of a link-local address is refused.
    private static func isIPv6(_ text: Substring) -> Bool {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        var groups = halves.flatMap { $0.isEmpty ? [] : $0.split(separator: ":", omittingEmptySubsequences: false) }
        var count = 0
        if let last = groups.last, last.contains("."), text.hasSuffix(last) {
            guard isIPv4(last.split(separator: ".", omittingEmptySubsequences: false)) else { return false }
            groups.removeLast()
            count = 2
        }
        count += groups.count
        guard halves.count == 2 ? count < 8 : halves.count == 1 && count == 8 else { return false }
        return groups.allSatisfy { group in
            (1...4).contains(group.utf8.count)
                && group.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        }
    }

    private static func isName(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, let last = labels.last, labels.allSatisfy({ isLabel($0) }) else { return false }
        // Resolvers read `2130706433`, `0x7f.1` and `0177.0.0.1` as addresses too: one host under many names.
        guard last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) || last.hasPrefix("0x") else { return true }
        return isIPv4(labels)
    }

    private static func isLabel(_ text: Substring) -> Bool {
        (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }

    private static func isIPv4(_ labels: [Substring]) -> Bool {
        labels.count == 4 && labels.allSatisfy { UInt8($0)?.description == String($0) }
    }
}
