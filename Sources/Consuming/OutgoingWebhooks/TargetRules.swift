/// Which addresses events may be posted to.
///
/// Checked is what an address says: its scheme, that it has neither user info nor fragment, and its host and port
/// against the operator's list. Not checked is where a name leads: names are not resolved here, so a name on the list
/// may stand for any address, private ones included, and `http` is allowed to every host on the list.
package struct TargetRules: Sendable {
    // Limit: every address is compared with every rule.
    package static let rulesMax = 256

    private struct Rule {
        let host: TargetHost
        let coversSubdomains: Bool
    }

    private let rules: [Rule]
    /// Without a list: the one host and port that the operator named.
    private let only: (host: String, port: Int)?

    /// The rules for an operator's address and list.
    ///
    /// - Parameters:
    ///   - url: the address that the operator named. Without a list only its host and port are allowed.
    ///   - allowed: `host` (on any port), `host:port`, `*.example.com` (every name under it, not itself, on any port),
    ///     `*.example.com:port`. The operator's own address must be on it as well.
    /// - Throws: ``TargetError`` for a rule that is none, and for an address that the list does not cover.
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

    /// The address of a text, if events may be posted there.
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
