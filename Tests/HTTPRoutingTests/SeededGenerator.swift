import Foundation

/// A generator whose numbers follow from its seed: SplitMix64. `NOTION_RELAY_TEST_SEED` names another seed.
struct SeededGenerator: RandomNumberGenerator, CustomStringConvertible {
    let seed: UInt64
    private var state: UInt64

    init() {
        let named = ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_SEED"].flatMap { UInt64($0) }
        self.init(seed: named ?? UInt64.random(in: 1...UInt64(UInt32.max)))
    }

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// What to say when a test fails.
    var description: String { "NOTION_RELAY_TEST_SEED=\(seed)" }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed &>> 31)
    }
}
