import Simulator
import Testing

@Suite
struct LaneAgendaTests {
    /// A world without a network: every request takes a millisecond, and `answers` says whether it is acknowledged.
    private struct World {
        var sent: [(errand: LaneAgenda.Errand, at: Duration)] = []
        var settled: [Int: LedgerEntry.Kind] = [:]
        var acknowledgedOrder: [Int] = []
        var now: Duration = .zero

        mutating func run(_ agenda: inout LaneAgenda, answers: (LaneAgenda.Errand) -> Bool) {
            while true {
                switch agenda.next(now: now) {
                case .finished: return
                case .wait(let until):
                    #expect(until > now)
                    now = until
                case .send(let errand):
                    sent.append((errand, now))
                    now += .milliseconds(1)
                    let isAcknowledged = answers(errand)
                    guard agenda.settle(errand, isAcknowledged: isAcknowledged, now: now) == .settled else { continue }
                    guard errand.kind != .duplicate else { continue }
                    #expect(settled.updateValue(errand.kind, forKey: errand.index) == nil)
                    if isAcknowledged { acknowledgedOrder.append(errand.index) }
                }
            }
        }
    }

    static func plan(
        count: Int,
        entities: Int = 10,
        connections: Int = 1,
        duplicate: Double = 0,
        tamper: Double = 0
    ) -> DeliveryPlan {
        DeliveryPlan(
            factory: DeliveryFactory(seed: TestSeed.value, entities: entities, startingAt: 0),
            count: count,
            connections: connections,
            duplicateShare: duplicate,
            tamperShare: tamper
        )
    }

    @Test(arguments: [0.0, 0.05, 0.5, 0.95, 1.0])
    func `whatever is refused, every delivery is settled once and an entity keeps its order`(refused: Double) {
        var random = SeededRandom(seed: TestSeed.value)
        let plan = Self.plan(count: 3_000, entities: 50, connections: 3, duplicate: 0.1, tamper: 0.1)
        var all: Set<Int> = []
        for connection in 0..<3 {
            var agenda = LaneAgenda(plan: plan, connection: connection, schedule: RetrySchedule())
            var world = World()
            world.run(&agenda) { $0.kind != .tampered && !random.chance(refused) }
            #expect(all.isDisjoint(with: world.settled.keys))
            all.formUnion(world.settled.keys)
            let byEntity = Dictionary(grouping: world.acknowledgedOrder, by: plan.factory.entityIndex(at:))
            #expect(byEntity.values.allSatisfy { $0 == $0.sorted() }, "\(TestSeed.comment)")
            for (entity, _) in byEntity { #expect(plan.connection(ofEntity: entity) == connection) }
            for (index, kind) in world.settled {
                #expect((kind == .tampered) == (plan.fate(at: index) == .tampered), "\(TestSeed.comment)")
            }
        }
        #expect(all == Set(0..<3_000), "\(TestSeed.comment)")
    }

    @Test
    func `what is refused comes again after its gap, eight times in all, and then no more`() {
        let schedule = RetrySchedule()
        var agenda = LaneAgenda(plan: Self.plan(count: 1), connection: 0, schedule: schedule)
        var world = World()
        world.run(&agenda) { _ in false }
        #expect(world.sent.map(\.errand.attempt) == Array(1...8))
        for (before, after) in zip(world.sent, world.sent.dropFirst()) {
            let gap = schedule.gap(after: before.errand.attempt)
            #expect(after.at - before.at == gap.map { $0 + .milliseconds(1) })
        }
        #expect(world.settled == [0: .event])
    }

    @Test
    func `while an event waits, its entity waits with it and others go on`() {
        let plan = Self.plan(count: 200, entities: 5)
        var agenda = LaneAgenda(plan: plan, connection: 0, schedule: RetrySchedule())
        let stuck = plan.factory.entityIndex(at: 0)
        var world = World()
        world.run(&agenda) { $0.index != 0 || $0.attempt == 3 }
        let done = world.sent.lastIndex { $0.errand.index == 0 } ?? 0
        let before = world.sent[..<done].map(\.errand.index).filter { $0 != 0 }
        #expect(before.count > 100, "\(TestSeed.comment)")
        #expect(before.allSatisfy { plan.factory.entityIndex(at: $0) != stuck }, "\(TestSeed.comment)")
    }

    @Test
    func `a receiver that is down stops the intake at the limit`() {
        let plan = Self.plan(count: 5_000, entities: 5_000)
        var agenda = LaneAgenda(plan: plan, connection: 0, schedule: RetrySchedule())
        var first: Set<Int> = []
        var now: Duration = .zero
        loop: while true {
            switch agenda.next(now: now) {
            case .send(let errand):
                first.insert(errand.index)
                _ = agenda.settle(errand, isAcknowledged: false, now: now)
                now += .microseconds(1)
            case .wait, .finished: break loop
            }
        }
        // Some of the places are taken by events that wait behind another of their entity.
        #expect((200...LaneAgenda.waitingMax).contains(first.count), "\(TestSeed.comment)")
    }

    @Test
    func `duplicates carry the attempt that was acknowledged, and come after it`() {
        let plan = Self.plan(count: 500, duplicate: 1)
        var agenda = LaneAgenda(plan: plan, connection: 0, schedule: RetrySchedule())
        var world = World()
        world.run(&agenda) { $0.attempt == 2 }
        #expect(world.sent.count(where: { $0.errand.kind == .duplicate }) == 500)
        #expect(world.sent.filter { $0.errand.kind == .duplicate }.allSatisfy { $0.errand.attempt == 2 })
        var acknowledged: Set<Int> = []
        for (errand, _) in world.sent {
            if errand.kind == .duplicate { #expect(acknowledged.contains(errand.index)) }
            if errand.attempt == 2 { acknowledged.insert(errand.index) }
        }
    }

    @Test
    func `an open loop sends when it is due and counts lateness from then`() {
        var agenda = LaneAgenda(plan: Self.plan(count: 10), connection: 0, schedule: RetrySchedule(), rate: 100)
        var now: Duration = .zero
        var dues: [Duration] = []
        while true {
            let step = agenda.next(now: now)
            if step == .finished { break }
            if case .wait(let until) = step {
                // The timer fires 2 ms late.
                now = until + .milliseconds(2)
                continue
            }
            guard case .send(let errand) = step else { continue }
            dues.append(errand.due)
            // The fifth request blocks the lane for 25 ms: the next two are late by the receiver's fault.
            now += errand.index == 4 ? .milliseconds(25) : .milliseconds(1)
            _ = agenda.settle(errand, isAcknowledged: true, now: now)
        }
        let milliseconds = dues.map { Int($0 / .milliseconds(1)) }
        #expect(milliseconds == [0, 12, 22, 32, 42, 50, 60, 72, 82, 92])
    }
}
