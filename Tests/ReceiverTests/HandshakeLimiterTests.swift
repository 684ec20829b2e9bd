import Receiver
import Testing

@Suite
struct HandshakeLimiterTests {
    private let start: Int64 = 1_790_000_000_000

    @Test
    func `one client has eight at once and then one each half minute`() {
        var limiter = HandshakeLimiter()
        var admitted = 0
        for _ in 0..<20 where limiter.admits("192.0.2.1", at: start) { admitted += 1 }
        #expect(admitted == 8)
        let later = [29_999, 30_000, 30_001].map { (limiter.admits("192.0.2.1", at: start + $0)) }
        #expect(later == [false, true, false])
    }

    @Test
    func `what one client has too much costs the others nothing`() {
        var limiter = HandshakeLimiter()
        for _ in 0..<10_000 { _ = limiter.admits("192.0.2.1", at: start) }
        let isAdmitted = limiter.admits("192.0.2.2", at: start)
        #expect(isAdmitted)
    }

    @Test
    func `a night of many clients is limited as a whole`() {
        var limiter = HandshakeLimiter()
        var admitted = 0
        for second in 0..<3_600 {
            for client in 0..<10
            where limiter.admits("client \(second * 10 + client)", at: start + Int64(second) * 1_000) {
                admitted += 1
            }
        }
        #expect(admitted <= 32 + 3_600 / 5)
        #expect(admitted >= 3_600 / 5)
    }

    @Test
    func `a clock that goes back admits no more than before`() {
        var limiter = HandshakeLimiter()
        for _ in 0..<8 { _ = limiter.admits("192.0.2.1", at: start) }
        let isAdmitted = limiter.admits("192.0.2.1", at: start - 3_600_000)
        #expect(!isAdmitted)
    }
}
