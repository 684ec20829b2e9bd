import CLinux

/// Where a server listens: a numeric address, or `localhost`, and a port; port 0 lets the kernel choose. Or the path of
/// a Unix socket.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    enum Kind: Sendable, Hashable {
        case ipv4
        case ipv6
        case unix
    }

    // Limit: a socket's path and the zero behind it lie in 108 bytes (unix(7)).
    private static let pathBytesMax = 107

    /// The numeric host, or the path of a Unix socket.
    package let host: String
    package let port: UInt16
    let kind: Kind

    package var isUnix: Bool { kind == .unix }

    /// Reads `0.0.0.0:8080`, `localhost:8080`, `[::1]:8080` or `unix:/run/edge.sock`; anything else is nil.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            host = String(text.dropFirst("unix:".count))
            port = 0
            kind = .unix
            guard host.hasPrefix("/"), host.utf8.count <= Self.pathBytesMax, !host.utf8.contains(0) else { return nil }
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        self.port = port
        if host.hasPrefix("["), host.hasSuffix("]") {
            self.host = String(host.dropFirst().dropLast())
            kind = .ipv6
        } else {
            self.host = host == "localhost" ? "127.0.0.1" : String(host)
            kind = .ipv4
        }
        guard isNumeric else { return nil }
    }

    private init(host: String, port: UInt16, kind: Kind) {
        self.host = host
        self.port = port
        self.kind = kind
    }

    /// The same address with the port that the kernel chose.
    package func with(port: UInt16) -> ListenAddress {
        ListenAddress(host: host, port: port, kind: kind)
    }

    package var description: String {
        switch kind {
        case .ipv4: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        case .unix: "unix:\(host)"
        }
    }

    private static func port(_ text: Substring) -> UInt16? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt16(text)
    }

    private var isNumeric: Bool {
        var bytes = in6_addr()
        return inet_pton(kind == .ipv6 ? AF_INET6 : AF_INET, host, &bytes) == 1
    }
}
