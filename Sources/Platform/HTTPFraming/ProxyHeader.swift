/// What a balancer sends before the first byte of its client: a header of the PROXY protocol, version 1 (a line of
/// text) or 2 (binary), as HAProxy's proxy-protocol.txt defines them. It is read as a whole or not at all.
package struct ProxyHeader: Equatable, Sendable {
    /// The client's end of the connection: the sixteen bytes of an IPv6 address, or an IPv4 address in the last four.
    package struct Source: Equatable, Sendable {
        package let high: UInt64
        package let low: UInt64
        package let isIPv6: Bool
        package let port: UInt16
    }

    // Limit: the protocol's own for version 1. In version 2 TLVs follow the addresses, client certificates among them;
    // a header may announce 65,535 bytes, and no sender is known that needs so many.
    static let lineBytesMax = 107
    static let blockBytesMax = 4096
    /// The longest header of either version.
    package static let bytesMax = BinaryProxyHeader.prefixBytes + blockBytesMax

    /// How many bytes it has: whatever follows is the client's.
    package let bytesCount: Int
    /// Nil when the connection is the balancer's own (a health check), or the client has no address that is known here.
    package let source: Source?

    /// Looks at the first bytes of a connection, as many as have come; nil when that is too few. The result does not
    /// depend on what follows the header, nor on the pieces in which it comes.
    package static func parse(_ bytes: Span<UInt8>) throws(Refusal) -> ProxyHeader? {
        guard bytes.count > 0 else { return nil }
        return bytes[0] == ASCII.carriageReturn ? try BinaryProxyHeader.parse(bytes) : try ProxyLine.parse(bytes)
    }

    /// Whether these first bytes are those of a header, good or not.
    package static func mayBegin(with bytes: Span<UInt8>) -> Bool {
        do throws(Refusal) {
            _ = try parse(bytes)
            return true
        } catch {
            return error != .proxyProtocolMissing
        }
    }
}

/// Version 1: `PROXY TCP4 192.0.2.1 192.0.2.9 51234 443` and CRLF.
private enum ProxyLine {
    /// `PROXY` and a space.
    private static let start: InlineArray<6, UInt8> = [0x50, 0x52, 0x4F, 0x58, 0x59, 0x20]

    static func parse(_ bytes: Span<UInt8>) throws(Refusal) -> ProxyHeader? {
        for index in 0..<min(bytes.count, start.count) where bytes[index] != start[index] {
            throw .proxyProtocolMissing
        }
        var line: [UInt8] = []
        for index in 0..<min(bytes.count, ProxyHeader.lineBytesMax) {
            let byte = bytes[index]
            // Neither half of the line's end may stand alone.
            let followsReturn = line.last == ASCII.carriageReturn
            guard (byte == ASCII.lineFeed) == followsReturn else { throw .badProxyProtocol }
            if followsReturn { return ProxyHeader(bytesCount: index + 1, source: try source(line.dropLast())) }
            line.append(byte)
        }
        guard bytes.count < ProxyHeader.lineBytesMax else { throw .badProxyProtocol }
        return nil
    }

    private static func source(_ line: ArraySlice<UInt8>) throws(Refusal) -> ProxyHeader.Source? {
        let words = line.split(separator: ASCII.space, omittingEmptySubsequences: false)
        let family = words[1]
        // Whatever follows is to be ignored.
        guard !family.elementsEqual("UNKNOWN".utf8) else { return nil }
        let isIPv6 = family.elementsEqual("TCP6".utf8)
        let address = isIPv6 ? AddressText.ipv6 : AddressText.ipv4
        guard isIPv6 || family.elementsEqual("TCP4".utf8), words.count == 6,
            let client = address(words[2]), address(words[3]) != nil,
            let port = AddressText.number(words[4], max: 65_535), AddressText.number(words[5], max: 65_535) != nil
        else { throw .badProxyProtocol }
        return .init(high: client.high, low: client.low, isIPv6: isIPv6, port: UInt16(truncatingIfNeeded: port))
    }
}

/// Addresses as text, in the forms that `inet_ntop` writes and `inet_pton` reads.
enum AddressText {
    typealias Address = (high: UInt64, low: UInt64)

    private static let colon = UInt8(ascii: ":")
    private static let dot = UInt8(ascii: ".")

    /// Decimal digits without a sign or leading zeros, which others read as octal.
    static func number(_ text: ArraySlice<UInt8>, max: UInt64) -> UInt64? {
        guard (1...5).contains(text.count), text.first != UInt8(ascii: "0") || text.count == 1 else { return nil }
        var number: UInt64 = 0
        for byte in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return number <= max ? number : nil
    }

    static func ipv4(_ text: ArraySlice<UInt8>) -> Address? {
        let parts = text.split(separator: dot, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt64 = 0
        for part in parts {
            guard let byte = number(part, max: 255) else { return nil }
            address = address << 8 | byte
        }
        return (0, address)
    }

    /// Eight groups of hexadecimal digits, `::` once for some that are zero, and the last two perhaps as IPv4.
    static func ipv6(_ text: ArraySlice<UInt8>) -> Address? {
        var parts = text.split(separator: colon, omittingEmptySubsequences: false)
        guard (3...9).contains(parts.count) else { return nil }
        // At either end `::` leaves two empty parts, and one stands for it.
        if parts[0].isEmpty, parts.removeFirst().isEmpty, !parts[0].isEmpty { return nil }
        if parts[parts.count - 1].isEmpty, parts.count > 1 {
            parts.removeLast()
            guard parts[parts.count - 1].isEmpty else { return nil }
        }
        var groups: [UInt64] = []
        var gap: Int?
        for (index, part) in parts.enumerated() {
            if part.isEmpty {
                guard gap == nil else { return nil }
                gap = groups.count
            } else if index == parts.count - 1, let last = ipv4(part) {
                groups += [last.low >> 16, last.low & 0xFFFF]
            } else {
                guard let group = group(part) else { return nil }
                groups.append(group)
            }
        }
        if let gap {
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: [UInt64](repeating: 0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        return (groups[..<4].reduce(0) { $0 << 16 | $1 }, groups[4...].reduce(0) { $0 << 16 | $1 })
    }

    private static func group(_ text: ArraySlice<UInt8>) -> UInt64? {
        guard (1...4).contains(text.count) else { return nil }
        var group: UInt64 = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): group = group << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): group = group << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): group = group << 4 | UInt64(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return group
    }
}
