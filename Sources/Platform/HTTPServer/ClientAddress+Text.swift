import CLinux

extension ClientAddress {
    /// Reads `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`; anything else is nil.
    /// An IPv4 address within IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
    init?(text: some StringProtocol) {
        // Limit: the longest address, in brackets and with a port, has 53 characters.
        guard text.utf8.count <= 64 else { return nil }
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]"),
                let port = Self.port(text[text.index(after: end)...]),
                let bytes = Self.ipv6(text[text.index(after: text.startIndex)..<end])
            else { return nil }
            self.init(ipv6: bytes, port: port)
        } else if let bytes = Self.ipv6(text) {
            self.init(ipv6: bytes, port: 0)
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            guard let port = Self.port(text[colon...]), let address = Self.ipv4(text[..<colon]) else { return nil }
            self.init(high: 0, low: UInt64(address), family: .ipv4, port: port)
        }
    }

    init(ipv6 address: in6_addr, port: UInt16) {
        let (high, low) = withUnsafeBytes(of: address) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        let isMapped = high == 0 && low >> 32 == 0xFFFF
        self.init(
            high: isMapped ? 0 : high,
            low: isMapped ? low & 0xFFFF_FFFF : low,
            family: isMapped ? .ipv4 : .ipv6,
            port: port
        )
    }

    /// Nothing, or a colon and a number.
    private static func port(_ text: some StringProtocol) -> UInt16? {
        guard let first = text.first else { return 0 }
        let digits = text.dropFirst()
        guard first == ":", !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt16(String(digits))
    }

    private static func ipv4(_ text: some StringProtocol) -> UInt32? {
        var address = in_addr()
        return inet_pton(AF_INET, String(text), &address) == 1 ? UInt32(bigEndian: address.s_addr) : nil
    }

    private static func ipv6(_ text: some StringProtocol) -> in6_addr? {
        var address = in6_addr()
        return inet_pton(AF_INET6, String(text), &address) == 1 ? address : nil
    }
}
