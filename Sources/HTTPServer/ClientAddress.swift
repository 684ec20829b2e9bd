/// The address of a connection's other end.
package struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
    /// The sixteen bytes of an IPv6 address; an IPv4 address lies in the last four.
    let high: UInt64
    let low: UInt64
    let isIPv6: Bool
    package let port: UInt16

    /// `192.0.2.1:4711` or `[2001:db8:0:0:0:0:0:1]:4711`.
    package var description: String {
        guard isIPv6 else {
            let parts = stride(from: 24, through: 0, by: -8).map { String((low >> UInt64($0)) & 0xFF) }
            return "\(parts.joined(separator: ".")):\(port)"
        }
        let groups = [high, low].flatMap { half in
            stride(from: 48, through: 0, by: -16).map { String((half >> UInt64($0)) & 0xFFFF, radix: 16) }
        }
        return "[\(groups.joined(separator: ":"))]:\(port)"
    }
}
