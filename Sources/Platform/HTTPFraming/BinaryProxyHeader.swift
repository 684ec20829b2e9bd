/// Version 2 of the PROXY protocol: a signature, version with command, family with transport, the length of a block,
/// and the block: addresses, then TLVs.
enum BinaryProxyHeader {
    /// What comes before the block.
    static let prefixBytes = 16

    /// No request begins like this, nor does TLS.
    static let signature: InlineArray<12, UInt8> = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

    private static let localCommand: UInt8 = 0x20
    private static let proxyCommand: UInt8 = 0x21
    private static let tcp4: UInt8 = 0x11
    private static let tcp6: UInt8 = 0x21
    private static let checksumType: UInt8 = 3

    static func parse(_ bytes: Span<UInt8>) throws(Refusal) -> ProxyHeader? {
        for index in 0..<min(bytes.count, signature.count) where bytes[index] != signature[index] {
            throw .proxyProtocolMissing
        }
        // What cannot become right is refused without waiting for the rest.
        guard bytes.count > 12 else { return nil }
        let isLocal = bytes[12] == localCommand
        guard isLocal || bytes[12] == proxyCommand else { throw .badProxyProtocol }
        guard bytes.count > 13 else { return nil }
        guard isLocal || isKnown(bytes[13]) else { throw .badProxyProtocol }
        guard bytes.count >= prefixBytes else { return nil }
        let end = prefixBytes + Int(number(bytes, 14, bytes: 2))
        guard end <= ProxyHeader.bytesMax else { throw .badProxyProtocol }
        guard bytes.count >= end else { return nil }
        // The block of a balancer's own connection is to be skipped, whatever it holds.
        return ProxyHeader(bytesCount: end, source: isLocal ? nil : try source(bytes.extracting(0..<end)))
    }

    /// Of families only those that the protocol has: none, IPv4, IPv6, Unix; of transports none, stream, datagram.
    private static func isKnown(_ family: UInt8) -> Bool { family >> 4 <= 3 && family & 0xF <= 2 }

    private static func source(_ header: Span<UInt8>) throws(Refusal) -> ProxyHeader.Source? {
        let isIPv6 = header[13] == tcp6
        // Any other combination stands for a client without an address that could be used here.
        guard isIPv6 || header[13] == tcp4 else { return nil }
        let addressBytes = isIPv6 ? 16 : 4
        let portAt = prefixBytes + addressBytes * 2
        guard header.count >= portAt + 4, hasGoodTLVs(header, from: portAt + 4) else { throw .badProxyProtocol }
        return ProxyHeader.Source(
            high: isIPv6 ? number(header, prefixBytes, bytes: 8) : 0,
            low: isIPv6 ? number(header, prefixBytes + 8, bytes: 8) : number(header, prefixBytes, bytes: 4),
            isIPv6: isIPv6,
            port: UInt16(truncatingIfNeeded: number(header, portAt, bytes: 2))
        )
    }

    private static func number(_ bytes: Span<UInt8>, _ start: Int, bytes count: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in start..<start + count { number = number << 8 | UInt64(bytes[index]) }
        return number
    }

    /// Whether they end where the header does, and its checksum fits if there is one. What they say is not used.
    private static func hasGoodTLVs(_ header: Span<UInt8>, from start: Int) -> Bool {
        var position = start
        while position < header.count {
            guard header.count - position >= 3 else { return false }
            let length = Int(number(header, position + 1, bytes: 2))
            guard header.count - position - 3 >= length else { return false }
            if header[position] == checksumType {
                guard length == 4 else { return false }
                let stated = number(header, position + 3, bytes: 4)
                guard stated == UInt64(checksum(header, without: position + 3)) else { return false }
            }
            position += 3 + length
        }
        return true
    }

    /// CRC-32C of the header with the checksum's own four bytes as zeros.
    private static func checksum(_ header: Span<UInt8>, without place: Int) -> UInt32 {
        var checksum = UInt32.max
        for index in 0..<header.count {
            checksum ^= (place..<place + 4).contains(index) ? 0 : UInt32(header[index])
            for _ in 0..<8 { checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0x82F6_3B78 : checksum >> 1 }
        }
        return ~checksum
    }
}
