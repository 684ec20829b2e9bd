/// The address that a subscription in Notion points at, taken apart.
package struct PublicURL: Sendable, Equatable {
    package let scheme: String
    /// In lower case, without the brackets of an IPv6 address.
    package let host: String
    package let path: String
    /// What is asked: the whole address.
    let text: String
    /// The address without what may be secret: neither user nor query.
    package let shown: String

    /// Nil for anything but `http` and `https` with a host.
    package init?(_ text: String) {
        guard let colon = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = text[colon.upperBound...]
        var authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        let host = Self.host(authority)
        guard !host.isEmpty else { return nil }
        self.scheme = scheme
        self.host = host
        self.path = path.isEmpty ? "/" : String(path)
        self.text = text
        shown = "\(scheme)://\(authority)\(path)"
    }

    private static func host(_ authority: Substring) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return authority[authority.index(after: authority.startIndex)..<end].lowercased()
        }
        return authority.prefix { $0 != ":" }.lowercased()
    }
}
