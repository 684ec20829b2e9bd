import OutgoingWebhooks
import TestSupport
import Testing

@Suite
struct AdaptiveLimitTests {
    /// A limit at its ceiling, and a moment after that.
    private static func grown(to ceiling: Int) -> (limit: AdaptiveLimit, now: ContinuousClock.Instant) {
        var limit = AdaptiveLimit(ceiling: ceiling)
        var now = ContinuousClock.now
        for _ in 0..<(16 + ceiling) {
            limit.note(.answered, startedAt: now, finishedAt: now + .milliseconds(10), inFlight: limit.limit)
            now += .milliseconds(10)
        }
        #expect(limit.limit == ceiling)
        return (limit, now)
    }

    @Test(arguments: [1, 2, 3, 4, 100])
    func `it starts low, and never above the ceiling`(ceiling: Int) {
        #expect(AdaptiveLimit(ceiling: ceiling).limit == min(4, ceiling))
    }

    @Test(arguments: [1, 4, 5, 64, 1_000])
    func `when all is well it reaches the ceiling and stays`(ceiling: Int) {
        var service = SimulatedService(ceiling: ceiling)
        service.run(16 + ceiling) { _ in .init() }
        #expect(service.limit.limit == ceiling)
        service.run(5_000) { _ in .init() }
        #expect(service.limits.allSatisfy { $0 == ceiling })
    }

    @Test(arguments: [1, 7, 64, 500])
    func `a service that is always overloaded ends at one`(ceiling: Int) {
        var service = SimulatedService(ceiling: ceiling)
        service.run(2_000) { _ in .init() }
        service.run(2_000) { _ in .init(sign: .overloaded) }
        #expect(service.limit.limit == 1)
        service.run(100) { _ in .init(sign: .overloaded) }
        #expect(service.limits.allSatisfy { $0 == 1 })
    }

    @Test
    func `requests that were under way together bring it down once`() {
        var (limit, now) = Self.grown(to: 64)
        for index in 0..<64 {
            let finishedAt = now + .milliseconds(10 + index)
            limit.note(.overloaded, startedAt: now, finishedAt: finishedAt, inFlight: 64 - index)
            #expect(limit.limit == 32)
        }
        limit.note(.answered, startedAt: now, finishedAt: now + .seconds(1), inFlight: 64)
        now += .milliseconds(11)
        limit.note(.overloaded, startedAt: now, finishedAt: now + .milliseconds(1), inFlight: 32)
        #expect(limit.limit == 16)
    }

    @Test
    func `it does not grow while it is not used`() {
        var service = SimulatedService(ceiling: 100)
        service.run(1_000, demand: 3) { _ in .init() }
        #expect(service.limit.limit == 4)
        service.run(1_000, demand: 20) { _ in .init() }
        #expect(service.limit.limit == 21)
    }

    @Test
    func `after trouble it grows by one a round`() {
        var (limit, now) = Self.grown(to: 100)
        limit.note(.overloaded, startedAt: now, finishedAt: now + .milliseconds(1), inFlight: 100)
        for expected in 50..<60 {
            for _ in 0..<expected {
                #expect(limit.limit == expected)
                now += .milliseconds(10)
                limit.note(.answered, startedAt: now, finishedAt: now + .milliseconds(10), inFlight: limit.limit)
            }
        }
        #expect(limit.limit == 60)
    }

    @Test
    func `what is unclear changes nothing`() {
        var service = SimulatedService(ceiling: 100)
        service.run(30) { _ in .init() }
        let before = service.limit.limit
        service.run(1_000) { _ in .init(sign: .unclear) }
        #expect(service.limits.suffix(900).allSatisfy { $0 == service.limit.limit })
        #expect(service.limit.limit >= before)
    }

    /// It serves ten at a time; more wait.
    @Test
    func `a service whose answers slow down with their number is not pressed`() {
        var service = SimulatedService(ceiling: 500)
        service.run(50_000) { inFlight in .init(time: .milliseconds(10) * max(10, inFlight) / 10) }
        let settled = service.limits.suffix(20_000)
        #expect(settled.min() ?? 0 >= 10 && settled.max() ?? 500 <= 50, "\(settled.min() ?? 0) \(settled.max() ?? 0)")
    }

    @Test
    func `a service that has become slower for good gets its requests back`() {
        var service = SimulatedService(ceiling: 100)
        service.run(2_000) { _ in .init() }
        service.run(3_000) { _ in .init(time: .milliseconds(100)) }
        #expect(service.limits.min() ?? 0 == 4)
        service.run(10_000) { _ in .init(time: .milliseconds(100)) }
        #expect(service.limit.limit == 100)
    }

    @Test
    func `a few slow answers among many are no load`() {
        var random = SeededGenerator()
        var service = SimulatedService(ceiling: 50)
        service.run(20_000) { _ in
            .init(time: .milliseconds(Int.random(in: 0..<20, using: &random) == 0 ? 2_000 : 10))
        }
        #expect(service.limits.suffix(15_000).allSatisfy { $0 == 50 }, "\(random)")
    }

    @Test
    func `times below what varies by itself are not compared`() {
        var random = SeededGenerator()
        var service = SimulatedService(ceiling: 50)
        service.run(5_000) { inFlight in
            .init(time: .microseconds(100 * inFlight + Int.random(in: 0...3_000, using: &random)))
        }
        #expect(service.limit.limit == 50, "\(random)")
    }

    @Test
    func `whatever comes, it stays between one and the ceiling, and recovers`() {
        var random = SeededGenerator()
        for _ in 0..<20 {
            let ceiling = Int.random(in: 1...80, using: &random)
            var service = SimulatedService(ceiling: ceiling)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let trouble = Int.random(in: 0...100, using: &random)
                let slowest = Int.random(in: 1...400, using: &random)
                let demand = Int.random(in: 1...100, using: &random)
                service.run(Int.random(in: 1...400, using: &random), demand: demand) { _ in
                    let isBad = Int.random(in: 0..<100, using: &random) < trouble
                    let sign: LoadSign = isBad ? (Bool.random(using: &random) ? .overloaded : .unclear) : .answered
                    return .init(sign: sign, time: .milliseconds(Int.random(in: 0...slowest, using: &random)))
                }
                #expect(service.limits.allSatisfy { (1...ceiling).contains($0) }, "\(random)")
                for (before, after) in zip(service.limits, service.limits.dropFirst()) {
                    #expect(after <= before + 1 && after >= before / 2, "\(random)")
                }
            }
            service.run(8_000) { _ in .init(time: .milliseconds(20)) }
            #expect(service.limit.limit == ceiling, "\(random)")
        }
    }
}
