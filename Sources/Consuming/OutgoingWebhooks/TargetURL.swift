/// `http` or `https`, a host, and nothing that two parsers could read differently. libcurl parses it again, so all is
/// refused that it might take for another host: user info, backslashes, encoded hosts, numbers in place of addresses.
package struct TargetURL: Sendable, Equatable {
    // Limit: longer ones are refused by many servers.
    package static let bytesMax = 2_048

    package let text: String
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

    package var port: Int { host.port ?? (isSecure ? 443 : 80) }

    /// Host and port, for logs and labels: what else an address holds may be secret.
    package var authority: String { "\(host.name):\(port)" }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: (0x21...0x7E).contains(byte)
        }
    }
}

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
        port = try rest.isEmpty ? nil : Self.port(rest)
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

/// Why an address is refused. The texts name its host at most: user info, path and query may hold secrets.
package enum TargetError: Error, Equatable, CustomStringConvertible {
    case notHTTP, tooLong, badCharacter, userInfo, fragment, badHost, badPort
    case notAllowed(host: String)
    case badRule(Int)
    case tooManyRules(Int)

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

/// Scheme, host and port are checked against the operator's list. Names are not resolved, so a name on the list may
/// lead to any address, private ones included, and `http` is allowed to every host on the list.
package struct TargetRules: Sendable {
    // Limit: every address is compared with every rule.
    package static let rulesMax = 256

    private struct Rule {
        let host: TargetHost
        let coversSubdomains: Bool
    }

    private let rules: [Rule]
    /// Without a list: the host and port of the operator's address.
    private let only: (host: String, port: Int)?

    /// Without a list only the host and port of `url`, the operator's address, are allowed. Entries are `host` (any
    /// port), `host:port`, `*.example.com` (every name under it, not itself, any port) and `*.example.com:port`.
    package init(url: TargetURL, allowed: [String] = []) throws(TargetError) {
        guard allowed.count <= Self.rulesMax else { throw .tooManyRules(allowed.count) }
        var rules: [Rule] = []
        for (index, text) in allowed.enumerated() {
            guard let rule = Self.rule(text) else { throw .badRule(index + 1) }
            rules.append(rule)
        }
        self.rules = rules
        only = allowed.isEmpty ? (url.host.name, url.port) : nil
        guard allows(url) else { throw .notAllowed(host: url.authority) }
    }

    package func target(_ text: String) throws(TargetError) -> TargetURL {
        let url = try TargetURL(text)
        guard allows(url) else { throw .notAllowed(host: url.authority) }
        return url
    }

    private func allows(_ url: TargetURL) -> Bool {
        if let only { return url.host.name == only.host && url.port == only.port }
        return rules.contains { rule in
            guard rule.host.port == nil || rule.host.port == url.port else { return false }
            return rule.coversSubdomains
                ? url.host.name.hasSuffix("." + rule.host.name) : url.host.name == rule.host.name
        }
    }

    private static func rule(_ text: String) -> Rule? {
        let coversSubdomains = text.hasPrefix("*.")
        guard let host = try? TargetHost(coversSubdomains ? text.dropFirst(2) : text[...]) else { return nil }
        // There are no names under an address.
        guard !coversSubdomains || host.name.first != "[" else { return nil }
        return Rule(host: host, coversSubdomains: coversSubdomains)
    }
}
