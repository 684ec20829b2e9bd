import Testing

@testable import Replayer

struct ReplayPaceTests {
    private let start = ContinuousClock.now

    @Test
    func `without a pace every record is due`() {
        var keeper = PaceKeeper(.full)
        keeper.go(1000, now: start)
        #expect(keeper.due(0, now: start) <= start)
    }

    @Test
    func `a rate lets a record go each part of a second, and makes up for a tenth of a second at most`() {
        var keeper = PaceKeeper(.rate(10))
        #expect(keeper.due(0, now: start) == start)
        keeper.go(0, now: start)
        #expect(keeper.due(0, now: start) == start + .milliseconds(100))
        // A record that goes a little late does not hold up the ones behind it.
        keeper.go(0, now: start + .milliseconds(130))
        #expect(keeper.due(0, now: start) == start + .milliseconds(200))
        keeper.go(0, now: start + .seconds(60))
        #expect(keeper.due(0, now: start) == start + .seconds(60))
    }

    @Test(arguments: [(1.0, 10_000), (10.0, 1000), (0.5, 20_000)])
    func `the original pace is that of the records' times, so many times as fast`(_ factor: Double, _ milliseconds: Int)
    {
        var keeper = PaceKeeper(.speed(factor))
        #expect(keeper.due(50_000, now: start) == start)
        keeper.go(50_000, now: start)
        #expect(keeper.due(60_000, now: start) == start + .milliseconds(milliseconds))
        // Time that was lost is made up for: the records' times say when.
        keeper.go(60_000, now: start + .seconds(100))
        #expect(keeper.due(60_000, now: start) == start + .milliseconds(milliseconds))
        #expect(keeper.due(.min, now: start) <= start)
    }
}
