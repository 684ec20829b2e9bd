/// An address that requests can be posted to: `http` or `https`, a host, and nothing that two readers could read apart.
///
/// libcurl reads the address again when it connects. So everything is refused here that it might take for another host:
/// user info, backslashes, encoded hosts, numbers in the place of addresses.
package struct TargetURL: Sendable, Equatable {
    // Limit: longer ones are refused by many servers.
    package static let bytesMax = 2_048

    /// As it was given.
    package let text: String
    /// Whether requests go over TLS.
    package let isSecure: Bool
    let host: TargetHost

    package init(_ text: String) throws(TargetError) {
        guard text.utf8.count <= Self.bytesMax else { throw .tooLong }
        guard text.utf8.allSatisfy({ Self.isAllowed($0) }) else { throw .badCharacter }
        let scheme = text.prefix { $0 != ":" }
        guard ["http", "https"].contains(scheme.lowercased()), text[scheme.endIndex...].hasPrefix("://") else {
            throw .notHTTP
        }
        guard !text.contains("#") else { throw .fragment }
        let authority = text[scheme.endIndex...].dropFirst(3).prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { throw .userInfo }
        self.text = text
        isSecure = scheme.utf8.count == 5
        host = try TargetHost(authority)
    }

    /// The port that is connected to.
    package var port: Int { host.port ?? (isSecure ? 443 : 80) }

    /// Host and port, for logs and labels: what else an address holds may be secret.
    package var authority: String { "\(host.name):\(port)" }

    /// The characters of RFC 3986.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: (0x21...0x7E).contains(byte)
        }
    }
}

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

/// Why an address is not posted to. The texts name its host at most: user info, path and query may hold secrets.
package enum TargetError: Error, Equatable {
    case notHTTP
    case tooLong
    case badCharacter
    case userInfo
    case fragment
    case badHost
    case badPort
    case notAllowed(host: String)
    case badRule(Int)
    case tooManyRules(Int)
}

extension TargetError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notHTTP: "the target's address must begin with https:// or http://"
        case .tooLong: "the target's address is longer than \(TargetURL.bytesMax) bytes"
        case .badCharacter:
            "the target's address holds a character that must be percent-encoded; a host beyond ASCII is written xn--…"
        case .userInfo:
            "the target's address holds a user name or password, which requests are not sent with; take it out"
        case .fragment: "the target's address holds a fragment (#…), which is never sent; take it out"
        case .badHost: "the target's host is neither a name, nor an IPv4 address as a.b.c.d, nor an IPv6 address in [ ]"
        case .badPort: "the target's port is not a number from 1 to 65535"
        case .notAllowed(let host):
            "the target \(host) is not on the list of allowed hosts; add it, or change the address"
        case .badRule(let number):
            "allowed host number \(number) is none of host, host:port, *.example.com, *.example.com:port"
        case .tooManyRules(let count): "there are \(count) allowed hosts, at most \(TargetRules.rulesMax) can be given"
        }
    }
}
