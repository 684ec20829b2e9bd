package struct PublicURL: Sendable, Equatable {
    package let scheme: String
    package let host: String
    package let path: String
    let text: String
    /// The address without what may be secret: user and query.
    package let shown: String

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

/// Whether a host can be reached from the Internet, by its name or address alone.
enum HostReach: Equatable {
    case notPublic(String)
    /// An address: its certificate has to name it.
    case publicAddress
    case name

    init(_ host: String) {
        if let bytes = Self.ipv4(host) {
            self = Self.kind(ofIPv4: bytes).map { .notPublic($0) } ?? .publicAddress
        } else if host.contains(":") {
            self = Self.kind(ofIPv6: host).map { .notPublic($0) } ?? .publicAddress
        } else {
            self = Self.kind(ofName: host).map { .notPublic($0) } ?? .name
        }
    }

    private static func ipv4(_ host: String) -> [UInt8]? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { $0.allSatisfy(\.isNumber) ? UInt8($0) : nil }
        return bytes.count == 4 ? bytes : nil
    }

    private static func kind(ofIPv4 bytes: [UInt8]) -> String? {
        switch (bytes[0], bytes[1]) {
        case (127, _): "is this machine itself (loopback)"
        case (0, _): "is not the address of a host"
        case (10, _), (192, 168): "is a private address"
        case (172, 16...31): "is a private address"
        case (169, 254): "is a link-local address"
        case (100, 64...127): "is an address behind a carrier's NAT"
        case (224..., _): "is not the address of a single host"
        default: nil
        }
    }

    private static func kind(ofIPv6 host: String) -> String? {
        if host == "::1" { return "is this machine itself (loopback)" }
        if host == "::" { return "is not the address of a host" }
        if let last = host.split(separator: ":").last, let mapped = ipv4(String(last)) { return kind(ofIPv4: mapped) }
        let first = host.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        switch UInt16(first, radix: 16) ?? 0 {
        case 0xFE80...0xFEBF: return "is a link-local address"
        case 0xFC00...0xFDFF: return "is a private address"
        case 0xFF00...: return "is not the address of a single host"
        default: return nil
        }
    }

    private static func kind(ofName host: String) -> String? {
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        if name == "localhost" || name.hasSuffix(".localhost") { return "is this machine itself" }
        guard name.contains(".") else { return "is a name of the local network: it has no dot" }
        let endings = [".local", ".internal", ".lan", ".home.arpa", ".intranet", ".corp", ".svc", ".test", ".example"]
        guard let ending = endings.first(where: name.hasSuffix) else { return nil }
        return "ends in \(ending), which the Internet's DNS does not know"
    }
}
