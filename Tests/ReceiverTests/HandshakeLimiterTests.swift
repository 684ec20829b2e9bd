import Receiver
import Subscriptions
import Testing

@Suite
struct HandshakeLimiterTests {
    private let start: Int64 = 1_790_000_000_000

    @Test
    func `one client has eight at once and then one each half minute`() {
        var limiter = HandshakeLimiter()
        var admitted = 0
        for _ in 0..<20 where limiter.admits("192.0.2.1", to: .used(nil), at: start) { admitted += 1 }
        #expect(admitted == 8)
        let later = [29_999, 30_000, 30_001].map { (limiter.admits("192.0.2.1", to: .used(nil), at: start + $0)) }
        #expect(later == [false, true, false])
    }

    @Test
    func `what one client has too much costs the others nothing`() {
        var limiter = HandshakeLimiter()
        for _ in 0..<10_000 { _ = limiter.admits("192.0.2.1", to: .used(nil), at: start) }
        let isAdmitted = limiter.admits("192.0.2.2", to: .used(nil), at: start)
        #expect(isAdmitted)
    }

    @Test
    func `a night of many clients is limited as a whole`() {
        var limiter = HandshakeLimiter()
        var admitted = 0
        for second in 0..<3_600 {
            for client in 0..<10
            where limiter.admits("client \(second * 10 + client)", to: .used(nil), at: start + Int64(second) * 1_000) {
                admitted += 1
            }
        }
        #expect(admitted <= 32 + 3_600 / 5)
        #expect(admitted >= 3_600 / 5)
    }

    @Test
    func `a clock that goes back admits no more than before`() {
        var limiter = HandshakeLimiter()
        for _ in 0..<8 { _ = limiter.admits("192.0.2.1", to: .used(nil), at: start) }
        let isAdmitted = limiter.admits("192.0.2.1", to: .used(nil), at: start - 3_600_000)
        #expect(!isAdmitted)
    }

    /// Uses up what the paths give at once.
    private func flood(_ limiter: inout HandshakeLimiter, _ path: HandshakeLimiter.Path, clients: Int, at time: Int64) {
        for client in 0..<clients {
            for _ in 0..<40 { _ = limiter.admits("crowd \(client)", to: path, at: time) }
        }
    }

    @Test
    func `a crowd at one path leaves every other path its own`() throws {
        let names = try ["harbour", "lagoon"].map { try #require(SubscriptionName($0)) }
        let paths: [HandshakeLimiter.Path] = [.used(nil), .used(names[0]), .used(names[1]), .unused]
        for path in paths {
            var limiter = HandshakeLimiter()
            flood(&limiter, path, clients: 40, at: start)
            let admitted = paths.filter { limiter.admits("192.0.2.1", to: $0, at: start) }
            #expect(admitted == paths.filter { $0 != path })
        }
    }

    @Test
    func `four addresses do not use up the reserve of unused paths, in whatever time`() {
        var limiter = HandshakeLimiter()
        for second in 0..<3_600 {
            let time = start + Int64(second) * 1_000
            flood(&limiter, .unused, clients: 4, at: time)
            flood(&limiter, .used(nil), clients: 4, at: time)
        }
        let isAdmitted = limiter.admits("192.0.2.1", to: .unused, at: start + 3_600_000)
        #expect(isAdmitted)
    }

    @Test
    func `one address that floods the endpoint can still enrol at an unused path`() {
        var limiter = HandshakeLimiter()
        flood(&limiter, .used(nil), clients: 1, at: start)
        let isAdmitted = limiter.admits("crowd 0", to: .unused, at: start)
        #expect(isAdmitted)
    }

    @Test
    func `names beyond those that are remembered share a bucket`() throws {
        var limiter = HandshakeLimiter()
        var admitted = 0
        for number in 0..<1_000 {
            let name = try #require(SubscriptionName("name-\(number)"))
            if limiter.admits("client \(number)", to: .used(name), at: start) { admitted += 1 }
        }
        #expect(admitted >= 256 && admitted <= 256 + 32)
    }
}
