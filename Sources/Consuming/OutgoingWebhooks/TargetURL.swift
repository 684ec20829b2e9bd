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
