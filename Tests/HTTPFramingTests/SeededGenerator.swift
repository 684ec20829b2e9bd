import Foundation

/// A generator whose numbers follow from its seed: xorshift64*. `NOTION_RELAY_TEST_SEED` names another seed.
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init() {
        let named = ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_SEED"].flatMap { UInt64($0) }
        seed = named ?? UInt64.random(in: 1...UInt64(UInt32.max))
        state = seed &* 2 &+ 1
    }

    mutating func next() -> UInt64 {
        state ^= state &>> 12
        state ^= state &<< 25
        state ^= state &>> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
