import HTTPFraming
import TestSupport
import Testing

struct ProxyHeaderTests {
    private enum Found: Equatable {
        case needsMore
        case header(bytes: Int, source: String?)
        case refused(Refusal)
    }

    private func read(_ bytes: some Collection<UInt8>) -> Found {
        do throws(Refusal) {
            guard let header = try ProxyHeader.parse(Array(bytes).span) else { return .needsMore }
            return .header(bytes: header.bytesCount, source: header.source.map(Self.text))
        } catch {
            return .refused(error)
        }
    }

    /// `192.0.2.1:80`, or the sixteen bytes of an IPv6 address as two numbers.
    private static func text(_ source: ProxyHeader.Source) -> String {
        guard !source.isIPv6 else {
            return "[\(String(source.high, radix: 16)) \(String(source.low, radix: 16))]:\(source.port)"
        }
        let parts = [24, 16, 8, 0].map { String(source.low >> UInt64($0) & 0xFF) }
        return "\(parts.joined(separator: ".")):\(source.port)"
    }

    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

    private static func binary(_ command: UInt8, _ family: UInt8, _ block: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? block.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)] + block
    }

    private static let ipv4Block: [UInt8] = [192, 0, 2, 7, 192, 0, 2, 9, 0xC8, 0xF2, 0x1F, 0x90]
    private static let ipv6Block: [UInt8] =
        [0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 15) + [
            1, 0xC8, 0xF2, 0, 80,
        ]

    /// A header that a network load balancer of AWS sends, with a checksum, an endpoint's id and padding.
    private static let withChecksum =
        binary(
            0x21,
            0x11,
            [172, 31, 7, 113, 172, 31, 10, 31, 0xC8, 0xF2, 0, 80, 3, 0, 4, 0xE8, 0xD6, 0x89, 0x2D, 0xEA, 0, 0x17, 1]
                + Array("vpce-08d2bf15fac5001c9".utf8) + [4, 0, 0x24] + [UInt8](repeating: 0, count: 36)
        )

    static let good: [(String, [UInt8], String?)] = [
        ("v1 IPv4", Array("PROXY TCP4 192.0.2.7 192.0.2.9 51442 8080\r\n".utf8), "192.0.2.7:51442"),
        ("v1 extremes", Array("PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n".utf8), "255.255.255.255:65535"),
        ("v1 IPv6", Array("PROXY TCP6 2001:db8::1 ::1 51442 80\r\n".utf8), "[20010db800000000 1]:51442"),
        (
            "v1 longest",
            Array(
                ("PROXY TCP6 "
                    + [String](repeating: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", count: 2)
                    .joined(separator: " ") + " 65535 65535\r\n").utf8
            ),
            "[ffffffffffffffff ffffffffffffffff]:65535"
        ),
        ("v1 mapped", Array("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n".utf8), "[0 ffffc0000207]:1"),
        ("v1 unknown", Array("PROXY UNKNOWN\r\n".utf8), nil),
        ("v1 unknown with addresses", Array("PROXY UNKNOWN ::1 ::1 65535 65535\r\n".utf8), nil),
        ("v1 unknown with anything", Array("PROXY UNKNOWN  what?\u{0} é\r\n".utf8), nil),
        ("v1 of 107 bytes", Array(("PROXY UNKNOWN " + String(repeating: "x", count: 91) + "\r\n").utf8), nil),
        ("v2 IPv4", binary(0x21, 0x11, ipv4Block), "192.0.2.7:51442"),
        ("v2 IPv6", binary(0x21, 0x21, ipv6Block), "[20010db800000000 1]:51442"),
        ("v2 with TLVs", binary(0x21, 0x11, ipv4Block + [2, 0, 3, 97, 98, 99, 0xE0, 0, 0]), "192.0.2.7:51442"),
        ("v2 with a checksum", withChecksum, "172.31.7.113:51442"),
        (
            "v2 of 4,112 bytes",
            binary(0x21, 0x11, ipv4Block + [4, 0x0F, 0xF1] + [UInt8](repeating: 7, count: 4081)), "192.0.2.7:51442"
        ),
        ("v2 local", binary(0x20, 0, []), nil),
        ("v2 local with addresses", binary(0x20, 0x11, ipv4Block), nil),
        ("v2 local with anything", binary(0x20, 0xFF, [1, 2, 3]), nil),
        ("v2 unspecified", binary(0x21, 0, []), nil),
        ("v2 unspecified with a block", binary(0x21, 0, [1, 2, 3, 4, 5]), nil),
        ("v2 datagram", binary(0x21, 0x12, ipv4Block), nil),
        ("v2 Unix", binary(0x21, 0x31, [UInt8](repeating: 0x2F, count: 216)), nil),
    ]

    @Test(arguments: good.indices)
    func `a header is read whole, and at every truncation more is needed`(_ index: Int) {
        let (name, bytes, source) = Self.good[index]
        for end in bytes.indices { #expect(read(bytes[..<end]) == .needsMore, "\(name) of \(end) bytes") }
        let expected = Found.header(bytes: bytes.count, source: source)
        #expect(read(bytes) == expected, "\(name)")
        for behind in ["\n", "GET / HTTP/1.1\r\n\r\n", "PROXY UNKNOWN\r\n", "\u{16}\u{3}\u{1}"] {
            #expect(read(bytes + Array(behind.utf8)) == expected, "\(name) before \(behind)")
        }
    }

    @Test(arguments: [
        "PROXY TCP4 192.0.2.7 192.0.2.9 51442 8080\n", "PROXY TCP4 192.0.2.7 192.0.2.9 51442 8080\r ",
        "PROXY  TCP4 192.0.2.7 192.0.2.9 51442 8080\r\n", "PROXY TCP4  192.0.2.7 192.0.2.9 51442 8080\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.9 51442 8080 \r\n", "PROXY TCP4 192.0.2.7 192.0.2.9 51442\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.9 51442 8080 1\r\n", "PROXY TCP4\t192.0.2.7 192.0.2.9 51442 8080\r\n",
        "PROXY TCP4 192.0.2 192.0.2.9 51442 8080\r\n", "PROXY TCP4 192.0.2.7.1 192.0.2.9 51442 8080\r\n",
        "PROXY TCP4 192.0.2.256 192.0.2.9 51442 8080\r\n", "PROXY TCP4 192.0.2.07 192.0.2.9 51442 8080\r\n",
        "PROXY TCP4 192.0.2. 192.0.2.9 51442 8080\r\n", "PROXY TCP4 192.0.2.7 192.0.2.x 51442 8080\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.9 65536 8080\r\n", "PROXY TCP4 192.0.2.7 192.0.2.9 51442 65536\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.9 051442 8080\r\n", "PROXY TCP4 192.0.2.7 192.0.2.9 +1 8080\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.9 -1 8080\r\n", "PROXY TCP4 192.0.2.7 192.0.2.9 0x1 8080\r\n",
        "PROXY TCP4 ::1 ::1 51442 8080\r\n", "PROXY TCP6 192.0.2.7 192.0.2.9 51442 8080\r\n",
        "PROXY TCP6 2001:db8::1::2 ::1 1 2\r\n", "PROXY TCP6 :::1 ::1 1 2\r\n", "PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n",
        "PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2\r\n", "PROXY TCP6 :1:2:3:4:5:6:7 ::1 1 2\r\n",
        "PROXY TCP6 1:2:3:4:5:6:7: ::1 1 2\r\n", "PROXY TCP6 12345::1 ::1 1 2\r\n", "PROXY TCP6 g::1 ::1 1 2\r\n",
        "PROXY TCP6 [::1] ::1 1 2\r\n", "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", "PROXY TCP6 ::1.2.3.4:5 ::1 1 2\r\n",
        "PROXY tcp4 192.0.2.7 192.0.2.9 51442 8080\r\n", "PROXY UDP4 192.0.2.7 192.0.2.9 51442 8080\r\n",
        "PROXY TCP 192.0.2.7 192.0.2.9 51442 8080\r\n", "PROXY UNKNOWNS\r\n", "PROXY \r\n", "PROXY UNKNOWN\n",
        "PROXY UNKNOWN \rx", "PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r",
        "PROXY UNKNOWN " + String(repeating: "x", count: 93),
    ])
    func `a malformed line is refused`(_ line: String) {
        #expect(read(line.utf8) == .refused(.badProxyProtocol))
    }

    static let badBlocks: [(String, [UInt8])] = [
        ("version 1", binary(0x11, 0x11, ipv4Block)), ("version 3", binary(0x31, 0x11, ipv4Block)),
        ("command 2", binary(0x22, 0x11, ipv4Block)), ("family 4", binary(0x21, 0x41, ipv4Block)),
        ("transport 3", binary(0x21, 0x13, ipv4Block)), ("IPv4 too short", binary(0x21, 0x11, ipv4Block.dropLast())),
        ("IPv4 empty", binary(0x21, 0x11, [])), ("IPv6 too short", binary(0x21, 0x21, ipv6Block.dropLast())),
        ("IPv6 with IPv4's block", binary(0x21, 0x21, ipv4Block)),
        ("too long", binary(0x21, 0x11, ipv4Block, length: 4097)), ("longest", binary(0x20, 0, [], length: 65_535)),
        ("TLV cut in its length", binary(0x21, 0x11, ipv4Block + [2, 0])),
        ("TLV cut in its value", binary(0x21, 0x11, ipv4Block + [2, 0, 3, 97, 98])),
        ("TLV longer than all", binary(0x21, 0x11, ipv4Block + [2, 0xFF, 0xFF, 1])),
        ("checksum of a wrong length", binary(0x21, 0x11, ipv4Block + [3, 0, 2, 1, 2])),
        ("wrong checksum", binary(0x21, 0x11, ipv4Block + [3, 0, 4, 1, 2, 3, 4])),
    ]

    @Test(arguments: badBlocks.indices)
    func `a malformed block is refused`(_ index: Int) {
        let (name, bytes) = Self.badBlocks[index]
        #expect(read(bytes) == .refused(.badProxyProtocol), "\(name)")
    }

    @Test func `a changed bit under a checksum is noticed`() {
        for bit in (16 * 8)..<(Self.withChecksum.count * 8) {
            var bytes = Self.withChecksum
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            // The checksum's type and length are what names it one.
            guard bit / 8 != 28 else { continue }
            #expect(read(bytes) == .refused(.badProxyProtocol), "bit \(bit)")
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "POST /", "PRI * HTTP/2.0\r\n", "PROPFIND / HTTP/1.1\r\n", "PROXYTCP4", "proxy ",
        "\u{16}\u{3}\u{1}",
        "\n", "\r\nGET / HTTP/1.1\r\n", "\r\r", " ", "\u{0}", "\r\n\r\n\u{0}\r\nQUIT\r", "PROXY\r\n",
    ])
    func `what begins like neither version has no header`(_ text: String) {
        #expect(read(text.utf8) == .refused(.proxyProtocolMissing))
    }

    @Test func `random bytes never pass for a header beyond their end, and pieces decide nothing`() {
        var random = SeededGenerator()
        for round in 0..<20_000 {
            var bytes = Self.good[Int.random(in: Self.good.indices, using: &random)].1
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(Array("0:. \r\nf".utf8).randomElement(using: &random) ?? 0, at: index)
                default: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
                if bytes.isEmpty { bytes = [13] }
            }
            if round % 4 == 0 { bytes = random.bytes(like: "PROXY TCP46 0123456789abcdef:.\r\n", countMax: 120) }
            let whole = read(bytes)
            if case .header(let count, _) = whole {
                #expect(count <= bytes.count && count <= ProxyHeader.bytesMax, "\(random): \(bytes)")
            }
            // What was decided of the beginning stays decided.
            let part = read(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            #expect(part == .needsMore || part == whole, "\(random): \(bytes)")
        }
    }
}
