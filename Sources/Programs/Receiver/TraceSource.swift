import NotionEvents

/// Makes trace ids. They must differ, not be unguessable, and the system's generator costs a system call a number: so
/// xoshiro256** (public domain; Blackman and Vigna), seeded by the system once a loop.
struct TraceSource {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    init() {
        var system = SystemRandomNumberGenerator()
        state = (system.next(), system.next(), system.next(), system.next() | 1)
    }

    mutating func next() -> TraceContext {
        var random = InlineArray<24, UInt8>(repeating: 0)
        for word in 0..<3 {
            var number = nextWord()
            for byte in 0..<8 {
                random[word &* 8 &+ byte] = UInt8(truncatingIfNeeded: number)
                number &>>= 8
            }
        }
        return TraceContext(random: random)
    }

    private mutating func nextWord() -> UInt64 {
        let result = Self.rotated(state.1 &* 5, by: 7) &* 9
        let shifted = state.1 &<< 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotated(state.3, by: 45)
        return result
    }

    private static func rotated(_ value: UInt64, by count: UInt64) -> UInt64 {
        value &<< count | value &>> (64 &- count)
    }
}
