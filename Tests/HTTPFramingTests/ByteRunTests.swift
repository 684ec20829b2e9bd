import TestSupport
import Testing

@testable import HTTPFraming

struct ByteRunTests {
    @Test func `a run ends where the byte-by-byte rule ends it`() {
        var random = SeededGenerator()
        let seed = "seed \(random.seed)"
        for _ in 0..<20_000 {
            let bytes = Self.bytes(&random)
            let end = Int.random(in: 0...bytes.count, using: &random)
            let start = Int.random(in: 0...end, using: &random)
            #expect(
                ByteRun.endOfValue(bytes.span, from: start, to: end)
                    == Self.end(bytes, start, end) { ASCII.isPlain($0) || $0 == ASCII.horizontalTab },
                "\(seed): \(bytes), \(start)..<\(end)"
            )
            #expect(
                ByteRun.endOfToken(bytes.span, from: start, to: end) == Self.end(bytes, start, end, ASCII.isToken),
                "\(seed): \(bytes), \(start)..<\(end)"
            )
        }
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func `every byte is judged alike in every place of a word`(byte: UInt8) {
        for place in 0..<8 {
            var bytes = [UInt8](repeating: 0x61, count: 16)
            bytes[place] = byte
            let isValue = ASCII.isPlain(byte) || byte == ASCII.horizontalTab
            #expect(ByteRun.endOfValue(bytes.span, from: 0, to: 16) == (isValue ? 16 : place))
            #expect(ByteRun.endOfToken(bytes.span, from: 0, to: 16) == (ASCII.isToken(byte) ? 16 : place))
        }
    }

    private static func end(_ bytes: [UInt8], _ start: Int, _ end: Int, _ belongs: (UInt8) -> Bool) -> Int {
        bytes[start..<end].firstIndex { !belongs($0) } ?? end
    }

    /// Mostly letters, so that runs are longer than a word.
    private static func bytes(_ random: inout SeededGenerator) -> [UInt8] {
        let count = Int.random(in: 0...40, using: &random)
        let strangeness = Int.random(in: 1...40, using: &random)
        return (0..<count).map { _ in
            Int.random(in: 0...strangeness, using: &random) == 0
                ? UInt8.random(in: 0...255, using: &random) : UInt8.random(in: 0x61...0x7A, using: &random)
        }
    }
}
