import Foundation

/// Random numbers that can be had again (SplitMix64). The seed is a fixed one, unless NOTION_RELAY_TEST_SEED sets it.
struct SeededRandom: RandomNumberGenerator, CustomStringConvertible {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    static var forTests: SeededRandom {
        let text = ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_SEED"] ?? ""
        return SeededRandom(seed: UInt64(text) ?? 20_261_006)
    }

    /// What to say when a test fails.
    var description: String { "NOTION_RELAY_TEST_SEED=\(seed)" }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
