import CLinux
import HTTPFraming

/// The address of a connection's other end.
package struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
    enum Family: UInt8, Sendable {
        case ipv4, ipv6, unix
    }

    /// The sixteen bytes of an IPv6 address; an IPv4 address lies in the last four.
    let high: UInt64
    let low: UInt64
    let family: Family
    package let port: UInt16

    static let unix = ClientAddress(high: 0, low: 0, family: .unix, port: 0)

    /// `192.0.2.1:4711`, `[2001:db8:0:0:0:0:0:1]:4711` or `unix`; port 0, which nobody sends from, is left out.
    package var description: String {
        let port = port == 0 ? "" : ":\(port)"
        switch family {
        case .unix: return "unix"
        case .ipv4:
            let parts = stride(from: 24, through: 0, by: -8).map { String((low >> UInt64($0)) & 0xFF) }
            return parts.joined(separator: ".") + port
        case .ipv6:
            let groups = [high, low].flatMap { half in
                stride(from: 48, through: 0, by: -16).map { String((half >> UInt64($0)) & 0xFFFF, radix: 16) }
            }
            return "[\(groups.joined(separator: ":"))]\(port)"
        }
    }

    /// What counts as one client: an IPv4 address, or the network of an IPv6 address, which is one customer's.
    package var clientNetwork: ClientAddress {
        ClientAddress(high: high, low: family == .ipv6 ? 0 : low, family: family, port: 0)
    }
}

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
        self.init(high: high, low: low, port: port)
    }

    init(_ source: ProxyHeader.Source) {
        if source.isIPv6 {
            self.init(high: source.high, low: source.low, port: source.port)
        } else {
            self.init(high: 0, low: source.low, family: .ipv4, port: source.port)
        }
    }

    /// Of IPv6, or of IPv4 within it.
    private init(high: UInt64, low: UInt64, port: UInt16) {
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
    package func contain(_ address: ClientAddress) -> Bool { contains { $0.contains(address) } }
}

/// The client that a trusted proxy names, by `Forwarded` (RFC 7239) or `X-Forwarded-For`.
enum ForwardedClient {
    /// Walks from the nearest hop outwards while the hop that speaks is trusted, and returns the first that is not.
    /// What cannot be read ends the walk. Both headers together end it at the peer: a proxy writes one of them, and the
    /// other would be the client's own.
    static func address(of head: borrowing RequestHead, peer: ClientAddress, trusted: [AddressRange]) -> ClientAddress {
        guard trusted.contain(peer) else { return peer }
        let forwarded = values(of: head, "forwarded")
        let older = values(of: head, "x-forwarded-for")
        guard forwarded.isEmpty || older.isEmpty else { return peer }
        let hops =
            forwarded.isEmpty
            ? older.map { ClientAddress(text: trimmed($0)) } : elements(of: forwarded).map(node)
        var client = peer
        for hop in hops.reversed() where trusted.contain(client) {
            guard let hop else { break }
            client = hop
        }
        return client
    }

    /// The parts between the commas of all fields of a name, in their order. Commas in quotes count too: addresses have
    /// none, so what is cut there cannot be read, which is what it should be.
    private static func values(of head: borrowing RequestHead, _ name: String) -> [Substring] {
        var values: [Substring] = []
        for index in 0..<head.fieldCount where head.name(index).isEqualIgnoringCase(toLowerCase: name) {
            values += head.value(index).text.split(separator: ",", omittingEmptySubsequences: false)
        }
        return values
    }

    private static func elements(of values: [Substring]) -> [[Substring]] {
        values.map { $0.split(separator: ";").map(trimmed) }
    }

    /// The address of one element's only `for`.
    private static func node(_ parameters: [Substring]) -> ClientAddress? {
        let nodes = parameters.filter { $0.prefix(4).lowercased() == "for=" }.map { $0.dropFirst(4) }
        guard nodes.count == 1, var node = nodes.first else { return nil }
        if node.hasPrefix("\"") {
            guard node.count >= 2, node.hasSuffix("\"") else { return nil }
            node = node.dropFirst().dropLast()
        }
        // IPv6 must stand in brackets there, so that a port can follow.
        guard node.hasPrefix("[") || node.count(where: { $0 == ":" }) < 2 else { return nil }
        return ClientAddress(text: node)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text.drop { $0 == " " || $0 == "\t" }
    }
}

extension Request {
    /// The client itself, where the peer is a proxy that is trusted to name it; the peer otherwise.
    package func client(trusting proxies: [AddressRange]) -> ClientAddress {
        client.client(in: head, trusting: proxies)
    }
}

extension ClientAddress {
    /// The client itself, where this peer is a proxy that is trusted to name it in the head; the peer otherwise.
    package func client(in head: borrowing RequestHead, trusting proxies: [AddressRange]) -> ClientAddress {
        proxies.isEmpty ? self : ForwardedClient.address(of: head, peer: self, trusted: proxies)
    }
}
