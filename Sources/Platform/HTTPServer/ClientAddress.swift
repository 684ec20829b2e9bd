/// The address of a connection's other end.
package struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
    enum Family: UInt8, Sendable {
        case ipv4
        case ipv6
        /// A Unix socket's other end has no address.
        case unix
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
    package var household: ClientAddress {
        ClientAddress(high: high, low: family == .ipv6 ? 0 : low, family: family, port: 0)
    }
}
