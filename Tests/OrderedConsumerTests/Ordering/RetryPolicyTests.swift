import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct RetryPolicyTests {
    static let pauses: [(attempt: Int, full: Duration)] = [
        (0, .milliseconds(500)), (1, .milliseconds(500)), (2, .seconds(1)), (3, .seconds(2)), (8, .seconds(64)),
        (9, .seconds(120)), (10, .seconds(120)), (64, .seconds(120)), (.max, .seconds(120)), (-1, .milliseconds(500)),
    ]

    @Test(arguments: pauses)
    func `the pause doubles up to its limit, and half of it is chance`(attempt: Int, full: Duration) {
        var generator = SeededGenerator()
        let policy = RetryPolicy()
        var seen: [Duration] = []
        for _ in 0..<500 {
            let pause = policy.delay(afterAttempt: attempt, &generator)
            #expect(pause >= full / 2 && pause <= full, "\(generator)")
            seen.append(pause)
        }
        // All of the second half is used, so that lanes that failed together part.
        #expect(seen.filter { $0 < full * 0.625 }.count > 50, "\(generator)")
        #expect(seen.filter { $0 > full * 0.875 }.count > 50, "\(generator)")
    }

    @Test
    func `a handler may ask for more than the limit, and never gets less than the pause`() {
        var generator = SeededGenerator()
        let policy = RetryPolicy()
        let more = policy.delay(afterAttempt: 1, atLeast: .seconds(3600), &generator)
        let none = policy.delay(afterAttempt: 1, atLeast: .zero, &generator)
        let negative = policy.delay(afterAttempt: 9, atLeast: .seconds(-1), &generator)
        #expect(more == .seconds(3600) && none >= .milliseconds(250) && negative >= .seconds(60))
    }

    @Test
    func `no pause is too long to be doubled`() {
        var generator = SeededGenerator()
        let longest = Duration.seconds(Int64.max)
        let policy = RetryPolicy(firstDelay: longest, delayMax: longest)
        for attempt in [1, 2, 40, Int.max] {
            let pause = policy.delay(afterAttempt: attempt, &generator)
            #expect(pause >= longest / 2 - .seconds(1000) && pause <= longest + .seconds(1000), "\(generator)")
        }
    }

    @Test
    func `no first pause is no pause`() {
        var generator = SeededGenerator()
        let pause = RetryPolicy(firstDelay: .zero).delay(afterAttempt: 12, &generator)
        #expect(pause == .zero)
    }

    @Test
    func `attempts end at the limit, and without one never`() {
        #expect(
            [0, 1, 2, 3, 4].map { RetryPolicy(attemptsMax: 3).isExhausted($0) } == [false, false, false, true, true]
        )
        #expect(!RetryPolicy(attemptsMax: 0).isExhausted(0) && !RetryPolicy(attemptsMax: 0).isExhausted(.max))
    }
}
