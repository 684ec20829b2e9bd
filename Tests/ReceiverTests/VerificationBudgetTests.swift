import Testing

@testable import Receiver

/// What a loop hashes for strangers, by an injected clock.
struct VerificationBudgetTests {
    private static let big = 1024 * 1024

    private func admits(
        _ budget: inout VerificationBudget,
        _ bytes: Int = big,
        others: Int = 15,
        of network: String = "192.0.2.1",
        at now: Int64 = 0
    ) -> Bool {
        budget.admits(bodyBytes: bytes, othersCount: others, of: network, at: now)
    }

    /// How many bodies of one network pass in one second.
    private func admitted(
        _ budget: inout VerificationBudget,
        of network: String,
        at now: Int64,
        tries: Int = 1000
    ) -> Int {
        (0..<tries).count { _ in admits(&budget, of: network, at: now) }
    }

    @Test
    func `a network may have so many bytes hashed in a second, and the next second as many again`() {
        var budget = VerificationBudget()
        #expect(admitted(&budget, of: "192.0.2.1", at: 5_000) == 2, "the second one goes beyond the limit")
        #expect(admitted(&budget, of: "192.0.2.1", at: 5_999) == 0)
        #expect(admitted(&budget, of: "192.0.2.2", at: 5_999) == 2, "another network has its own")
        #expect(admitted(&budget, of: "192.0.2.1", at: 6_000) == 2)
    }

    @Test
    func `all networks together have a limit`() {
        var budget = VerificationBudget()
        let bodies = (0..<1000).reduce(0) { $0 + admitted(&budget, of: "192.0.2.\($1)", at: 0, tries: 5) }
        #expect(bodies == VerificationBudget.bytesMax / (15 * Self.big) + 1)
        #expect(admitted(&budget, of: "198.51.100.1", at: 1_000) == 2)
    }

    @Test
    func `small bodies and a single token cost nothing`() {
        var budget = VerificationBudget()
        _ = admitted(&budget, of: "192.0.2.1", at: 0)
        for _ in 0..<1000 {
            #expect(admits(&budget, 4096))
            #expect(admits(&budget, 1 << 24, others: 0))
        }
        #expect(!admits(&budget, 4097))
    }

    @Test
    func `what is verified is given back, however much it is`() {
        var budget = VerificationBudget()
        for _ in 0..<1000 {
            #expect(admits(&budget))
            budget.verified(bodyBytes: Self.big, othersCount: 15, of: "192.0.2.1")
        }
        #expect(admitted(&budget, of: "192.0.2.1", at: 0) == 2)
    }

    @Test
    func `the largest body passes once, also when it is beyond the limit alone`() {
        var budget = VerificationBudget()
        #expect(admits(&budget, 1 << 24))
        #expect(!admits(&budget, 1 << 24, at: 999))
    }

    @Test
    func `a clock that is set back begins a new second`() {
        var budget = VerificationBudget()
        #expect(admitted(&budget, of: "192.0.2.1", at: 9_000) == 2)
        #expect(admitted(&budget, of: "192.0.2.1", at: 3_000) == 2)
    }

    @Test
    func `more networks than are told apart share what is left`() {
        var budget = VerificationBudget()
        for number in 0..<VerificationBudget.networksMax {
            #expect(admits(&budget, 5_000, others: 1, of: "\(number)"))
        }
        #expect(admitted(&budget, of: "late", at: 0) > 2)
        #expect(admitted(&budget, of: "later", at: 0) == 0)
        #expect(admits(&budget, 5_000, others: 1, of: "late", at: 1_000))
    }
}
