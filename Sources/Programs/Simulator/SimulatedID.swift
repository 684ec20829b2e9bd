/// An id in 16 bytes instead of 36 characters, so that millions of them fit into memory.
package struct SimulatedID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A random id of the given version: Notion's records have 8 where its events have 4.
    package init(version: UInt64, using random: inout SeededRandom) {
        high = random.next() & ~0xF000 | version << 12
        low = random.next() & ~(0b11 << 62) | 0b10 << 62
    }

    /// Reads the canonical form only: 36 characters, lower case, dashed.
    package init?(_ text: Span<UInt8>) {
        guard text.count == 36 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        var digits = 0
        for index in text.indices {
            let byte = text[index]
            if Self.dashes.contains(index) {
                guard byte == 0x2D else { return nil }
                continue
            }
            let digit: UInt64
            switch byte {
            case 0x30...0x39: digit = UInt64(byte - 0x30)
            case 0x61...0x66: digit = UInt64(byte - 0x61 + 10)
            default: return nil
            }
            if digits < 16 { halves.high = halves.high << 4 | digit } else { halves.low = halves.low << 4 | digit }
            digits += 1
        }
        (high, low) = halves
    }

    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        self.init(bytes.span)
    }

    package func append(to bytes: inout [UInt8]) {
        for position in 0..<32 {
            if position == 8 || position == 12 || position == 16 || position == 20 { bytes.append(0x2D) }
            let half = position < 16 ? high : low
            bytes.append(Self.hexDigits[Int(half >> UInt64(60 - 4 * (position & 15)) & 0xF)])
        }
    }

    private static let dashes = [8, 13, 18, 23]
    private static let hexDigits = Array("0123456789abcdef".utf8)

    package var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
