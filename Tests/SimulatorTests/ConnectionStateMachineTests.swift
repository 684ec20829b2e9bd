import TestSupport
import Testing

@testable import Simulator

@Suite
struct ConnectionStateMachineTests {
    /// A world without a network: every request takes a millisecond, and `answers` says whether it is acknowledged.
    private struct World {
        var sent: [(request: ConnectionStateMachine.Request, at: Duration)] = []
        var settled: [Int: LedgerEntry.Kind] = [:]
        var acknowledgedOrder: [Int] = []
        var now: Duration = .zero

        mutating func run(_ machine: inout ConnectionStateMachine, answers: (ConnectionStateMachine.Request) -> Bool) {
            while true {
                switch machine.next(now: now) {
                case .finished: return
                case .wait(let until):
                    #expect(until > now)
                    now = until
                case .send(let request):
                    sent.append((request, now))
                    now += .milliseconds(1)
                    let isAcknowledged = answers(request)
                    guard machine.settle(request, isAcknowledged: isAcknowledged, now: now) == .settled else {
                        continue
                    }
                    guard request.kind != .duplicate else { continue }
                    #expect(settled.updateValue(request.kind, forKey: request.index) == nil)
                    if isAcknowledged { acknowledgedOrder.append(request.index) }
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
            factory: DeliveryFactory(seed: testSeed.seed, entities: entities, startingAt: 0),
            count: count,
            connections: connections,
            duplicateShare: duplicate,
            tamperShare: tamper
        )
    }

    @Test(arguments: [0.0, 0.05, 0.5, 0.95, 1.0])
    func `whatever is refused, every delivery is settled once and an entity keeps its order`(refused: Double) {
        var random = SeededRandom(seed: testSeed.seed)
        let plan = Self.plan(count: 3_000, entities: 50, connections: 3, duplicate: 0.1, tamper: 0.1)
        var all: Set<Int> = []
        for connection in 0..<3 {
            var machine = ConnectionStateMachine(plan: plan, connection: connection, schedule: RetrySchedule())
            var world = World()
            world.run(&machine) { $0.kind != .tampered && !random.chance(refused) }
            #expect(all.isDisjoint(with: world.settled.keys))
            all.formUnion(world.settled.keys)
            let byEntity = Dictionary(grouping: world.acknowledgedOrder, by: plan.factory.entityIndex(at:))
            #expect(byEntity.values.allSatisfy { $0 == $0.sorted() }, "\(testSeed)")
            for (entity, _) in byEntity { #expect(plan.connection(ofEntity: entity) == connection) }
            for (index, kind) in world.settled {
                #expect((kind == .tampered) == (plan.fate(at: index) == .tampered), "\(testSeed)")
            }
        }
        #expect(all == Set(0..<3_000), "\(testSeed)")
    }

    @Test
    func `what is refused comes again after its gap, eight times in all, and then no more`() {
        let schedule = RetrySchedule()
        var machine = ConnectionStateMachine(plan: Self.plan(count: 1), connection: 0, schedule: schedule)
        var world = World()
        world.run(&machine) { _ in false }
        #expect(world.sent.map(\.request.attempt) == Array(1...8))
        for (before, after) in zip(world.sent, world.sent.dropFirst()) {
            let gap = schedule.gap(after: before.request.attempt)
            #expect(after.at - before.at == gap.map { $0 + .milliseconds(1) })
        }
        #expect(world.settled == [0: .event])
    }

    @Test
    func `while an event waits, its entity waits with it and others go on`() {
        let plan = Self.plan(count: 200, entities: 5)
        var machine = ConnectionStateMachine(plan: plan, connection: 0, schedule: RetrySchedule())
        let stuck = plan.factory.entityIndex(at: 0)
        var world = World()
        world.run(&machine) { $0.index != 0 || $0.attempt == 3 }
        let done = world.sent.lastIndex { $0.request.index == 0 } ?? 0
        let before = world.sent[..<done].map(\.request.index).filter { $0 != 0 }
        #expect(before.count > 100, "\(testSeed)")
        #expect(before.allSatisfy { plan.factory.entityIndex(at: $0) != stuck }, "\(testSeed)")
    }

    @Test
    func `a receiver that is down stops the intake at the limit`() {
        let plan = Self.plan(count: 5_000, entities: 5_000)
        var machine = ConnectionStateMachine(plan: plan, connection: 0, schedule: RetrySchedule())
        var first: Set<Int> = []
        var now: Duration = .zero
        loop: while true {
            switch machine.next(now: now) {
            case .send(let request):
                first.insert(request.index)
                _ = machine.settle(request, isAcknowledged: false, now: now)
                now += .microseconds(1)
            case .wait, .finished: break loop
            }
        }
        // Some of the places are taken by events that wait behind another of their entity.
        #expect((200...ConnectionStateMachine.waitingMax).contains(first.count), "\(testSeed)")
    }

    @Test
    func `duplicates carry the attempt that was acknowledged, and come after it`() {
        let plan = Self.plan(count: 500, duplicate: 1)
        var machine = ConnectionStateMachine(plan: plan, connection: 0, schedule: RetrySchedule())
        var world = World()
        world.run(&machine) { $0.attempt == 2 }
        #expect(world.sent.count(where: { $0.request.kind == .duplicate }) == 500)
        #expect(world.sent.filter { $0.request.kind == .duplicate }.allSatisfy { $0.request.attempt == 2 })
        var acknowledged: Set<Int> = []
        for (request, _) in world.sent {
            if request.kind == .duplicate { #expect(acknowledged.contains(request.index)) }
            if request.attempt == 2 { acknowledged.insert(request.index) }
        }
    }

    @Test
    func `an open loop sends when it is due and counts lateness from then`() {
        var machine = ConnectionStateMachine(
            plan: Self.plan(count: 10),
            connection: 0,
            schedule: RetrySchedule(),
            rate: 100
        )
        var now: Duration = .zero
        var dues: [Duration] = []
        while true {
            let step = machine.next(now: now)
            if step == .finished { break }
            if case .wait(let until) = step {
                // The timer fires 2 ms late.
                now = until + .milliseconds(2)
                continue
            }
            guard case .send(let request) = step else { continue }
            dues.append(request.due)
            // The fifth request blocks the connection for 25 ms: the next two are late by the receiver's fault.
            now += request.index == 4 ? .milliseconds(25) : .milliseconds(1)
            _ = machine.settle(request, isAcknowledged: true, now: now)
        }
        let milliseconds = dues.map { Int($0 / .milliseconds(1)) }
        #expect(milliseconds == [0, 12, 22, 32, 42, 50, 60, 72, 82, 92])
    }
}
