import HTTPServer

/// Keeps pages in an operator's browser away from a port that asks for no login.
///
/// Such a page can post to any address that the browser reaches, and one whose name leads to this port (DNS rebinding)
/// has one origin with it. Browsers say so in `Origin`, `Sec-Fetch-Site` and `Host`; programs send neither of the first
/// two, and call the port by its address.
struct BrowserRule: Sendable {
    /// In lower case.
    private let names: Set<String>

    /// `names` are what the port may be called besides its address and localhost. Nil for a Unix socket, which no
    /// browser reaches.
    init?(_ address: ListenAddress, names: [String]) {
        guard !address.isUnix else { return nil }
        self.names = Set(names.map { Self.canonical($0) })
    }

    /// Why a request is refused; nil for one that is not. Without a name of a host it is no browser's.
    func refusal(of head: borrowing RequestHead) -> RoutingError? {
        let host = head.authority?.text.lowercased()
        if let host, !isOwn(host) { return Self.unknownHost }
        // What a GET answers is not shown to a page of another origin, and it changes nothing.
        guard !head.methodIs("GET"), !head.isHEAD else { return nil }
        for index in 0..<head.fieldCount {
            let value = head.value(index).text.lowercased()
            switch head.name(index).text.lowercased() {
            case "origin" where !Self.isOrigin(value, of: host): return Self.foreignOrigin
            case "sec-fetch-site" where value != "same-origin" && value != "none": return Self.foreignOrigin
            default: continue
            }
        }
        return nil
    }

    private static let unknownHost = RoutingError(
        status: 421,
        name: "unknown_host",
        message: "the host is no name of this port: call it by its address, or allow the name with --operations-names"
    )

    private static let foreignOrigin = RoutingError(
        status: 403,
        name: "foreign_origin",
        message: "a page of another origin asks: use a program, such as curl"
    )

    private static func isOrigin(_ origin: String, of host: String?) -> Bool {
        guard let host else { return false }
        return origin == "http://\(host)" || origin == "https://\(host)"
    }

    private func isOwn(_ host: String) -> Bool {
        let name = Self.canonical(Self.withoutPort(host))
        // An address to listen on is localhost or numeric.
        return names.contains(name) || ListenAddress("\(name):1").map { !$0.isUnix } ?? false
    }

    private static func withoutPort(_ host: String) -> Substring {
        if let end = host.lastIndex(of: "]") { return host[...end] }
        return host.prefix { $0 != ":" }
    }

    /// A dot at the end makes no other name.
    private static func canonical(_ name: some StringProtocol) -> String {
        String(name.hasSuffix(".") ? name.dropLast() : name[...]).lowercased()
    }
}
