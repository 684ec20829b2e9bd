/// Addresses that begin alike, such as those of our own proxies: `10.0.0.0/8`, `2001:db8::/32`, one address, or `unix`
/// for whoever comes through a Unix socket.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    private let first: ClientAddress
    /// Bits that count, from the front; of IPv4 below 32.
    private let bits: Int

    package init?(_ text: String) {
        guard text != "unix" else {
            first = .unix
            bits = 0
            return
        }
        let slash = text.firstIndex(of: "/")
        guard let address = ClientAddress(text: text[..<(slash ?? text.endIndex)]), address.port == 0 else {
            return nil
        }
        let bitsMax = address.family == .ipv4 ? 32 : 128
        guard let slash else {
            (first, bits) = (address, bitsMax)
            return
        }
        let digits = text[text.index(after: slash)...]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let bits = Int(digits), bits <= bitsMax
        else { return nil }
        (first, self.bits) = (address, bits)
    }

    package var description: String {
        guard first.family != .unix else { return "unix" }
        let text = first.description
        return (first.family == .ipv6 ? String(text.dropFirst().dropLast()) : text) + "/\(bits)"
    }

    package func contains(_ address: ClientAddress) -> Bool {
        guard address.family == first.family else { return false }
        switch first.family {
        case .unix: return true
        case .ipv4: return Self.begins(address.low << 32, like: first.low << 32, bits)
        case .ipv6:
            return Self.begins(address.high, like: first.high, min(bits, 64))
                && Self.begins(address.low, like: first.low, max(0, bits - 64))
        }
    }

    private static func begins(_ number: UInt64, like other: UInt64, _ bits: Int) -> Bool {
        // A shift by 64 gives 0 in Swift, which is what no bits mean.
        (number ^ other) >> UInt64(64 - bits) == 0
    }
}

extension [AddressRange] {
    package func contain(_ address: ClientAddress) -> Bool {
        contains { $0.contains(address) }
    }
}
