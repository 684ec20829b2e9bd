import Testing

@testable import OrderedConsumer

struct StandstillTests {
    private static let session = Duration.seconds(6)

    @Test
    func `while the loop turns calls may begin for a session from each turn on`() {
        var standstill = StandstillStateMachine(session: Self.session)
        #expect(standstill.beginsUntil == nil, "nothing is read before the first turn")
        for second in [0, 1, 6, 11] {
            #expect(standstill.turn(at: .seconds(second)) == nil)
            #expect(standstill.beginsUntil == .seconds(second) + Self.session)
            #expect(standstill.doubtEnds == nil)
        }
    }

    @Test
    func `after a session without a turn nothing begins until the group speaks`() {
        var standstill = StandstillStateMachine(session: Self.session)
        _ = standstill.turn(at: .seconds(10))
        #expect(standstill.turn(at: .seconds(16)) == .seconds(6))
        #expect(standstill.beginsUntil == nil)
        #expect(standstill.turn(at: .seconds(17)) == nil)
        #expect(standstill.beginsUntil == nil)
        standstill.heard()
        #expect(standstill.beginsUntil == .seconds(17) + Self.session)
        #expect(standstill.doubtEnds == nil)
    }

    @Test
    func `doubt ends by itself, and not before a later standstill`() {
        var standstill = StandstillStateMachine(session: Self.session)
        _ = standstill.turn(at: .zero)
        _ = standstill.turn(at: .seconds(20))
        #expect(standstill.doubtEnds == .seconds(20) + StandstillStateMachine.doubtMax)
        #expect(standstill.turn(at: .seconds(40)) == .seconds(20), "and this begins new doubt")
        #expect(standstill.turn(at: .seconds(40) + StandstillStateMachine.doubtMax) == nil)
        #expect(standstill.beginsUntil == .seconds(40) + StandstillStateMachine.doubtMax + Self.session)
    }
}
