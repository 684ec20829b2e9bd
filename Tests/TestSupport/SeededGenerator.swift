import Foundation

/// A generator whose numbers follow from its seed: SplitMix64. `NOTION_RELAY_TEST_SEED` names another seed.
package struct SeededGenerator: RandomNumberGenerator, CustomStringConvertible, Sendable {
    package let seed: UInt64
    private var state: UInt64

    package init() {
        let named = ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_SEED"].flatMap { UInt64($0) }
        self.init(seed: named ?? UInt64.random(in: 1...UInt64(UInt32.max)))
    }

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// What to say when a test fails.
    package var description: String { "NOTION_RELAY_TEST_SEED=\(seed)" }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed &>> 31)
    }

    /// Bytes of which most are characters of the given text, so that a grammar is reached at all.
    package mutating func bytes(like text: String, countMax: Int) -> [UInt8] {
        let likely = Array(text.utf8)
        return (0..<Int.random(in: 0...countMax, using: &self)).map { _ in
            Int.random(in: 0..<8, using: &self) == 0
                ? UInt8.random(in: 0...255, using: &self)
                : likely[Int.random(in: 0..<likely.count, using: &self)]
        }
    }
}
