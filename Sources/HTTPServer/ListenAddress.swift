import CLinux

/// Where a server listens: a numeric address, or `localhost`, and a port; port 0 lets the kernel choose.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package let host: String
    package let port: UInt16
    package let isIPv6: Bool

    /// Reads `0.0.0.0:8080`, `localhost:8080` or `[::1]:8080`; anything else is nil.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        self.port = port
        if host.hasPrefix("["), host.hasSuffix("]") {
            self.host = String(host.dropFirst().dropLast())
            self.isIPv6 = true
        } else {
            self.host = host == "localhost" ? "127.0.0.1" : String(host)
            self.isIPv6 = false
        }
        guard isNumeric else { return nil }
    }

    init(host: String, port: UInt16, isIPv6: Bool) {
        self.host = host
        self.port = port
        self.isIPv6 = isIPv6
    }

    package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func port(_ text: Substring) -> UInt16? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt16(text)
    }

    private var isNumeric: Bool {
        var bytes = in6_addr()
        return inet_pton(isIPv6 ? AF_INET6 : AF_INET, host, &bytes) == 1
    }
}
