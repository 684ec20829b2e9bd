import HTTPFraming
import TestSupport
import Testing

struct DeadlinesTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func `a deadline passes after its kind's duration and not before`() {
        var deadlines = Deadlines(limits: Limits())
        deadlines.grow(to: 3)
        deadlines.set(1, .head, now: 100)
        #expect(deadlines.earliestNanoseconds == 100 + 5 * Self.second)
        #expect(deadlines.takeExpired(now: 99 + 5 * Self.second) == nil)
        let expired = deadlines.takeExpired(now: 100 + 5 * Self.second)
        #expect(expired?.slot == 1 && expired?.kind == .head)
        #expect(deadlines.earliestNanoseconds == .max)
    }

    @Test func `setting again forgets the earlier deadline`() {
        var deadlines = Deadlines(limits: Limits())
        deadlines.grow(to: 1)
        deadlines.set(0, .head, now: 0)
        deadlines.set(0, .idle, now: 0)
        #expect(deadlines.kind(of: 0) == .idle)
        #expect(deadlines.takeExpired(now: 74 * Self.second) == nil)
        deadlines.cancel(0)
        deadlines.cancel(0)
        #expect(deadlines.kind(of: 0) == nil)
        #expect(deadlines.takeExpired(now: .max) == nil)
    }

    @Test func `the oldest of a kind is the one that was set longest ago`() {
        var deadlines = Deadlines(limits: Limits())
        deadlines.grow(to: 4)
        for (slot, now) in [(2, 1), (0, 2), (3, 3)] {
            deadlines.set(slot, .idle, now: UInt64(now))
        }
        #expect(deadlines.oldest(.idle) == 2)
        deadlines.set(2, .idle, now: 4)
        #expect(deadlines.oldest(.idle) == 0)
        #expect(deadlines.oldest(.write) == nil)
    }

    @Test func `random use agrees with a dictionary`() {
        var generator = SeededGenerator()
        var deadlines = Deadlines(limits: Limits())
        var model: [Int: (kind: Deadlines.Kind, time: UInt64)] = [:]
        let limits = Limits()
        var now: UInt64 = 0
        deadlines.grow(to: 20)
        for _ in 0..<20_000 {
            now += UInt64.random(in: 0...Self.second, using: &generator)
            while let expired = deadlines.takeExpired(now: now) {
                let entry = model.removeValue(forKey: expired.slot)
                #expect(entry?.kind == expired.kind && (entry?.time ?? .max) <= now, "seed \(generator.seed)")
            }
            #expect(model.values.allSatisfy { $0.time > now }, "seed \(generator.seed)")
            let slot = Int.random(in: 0..<20, using: &generator)
            if Int.random(in: 0..<4, using: &generator) == 0 {
                deadlines.cancel(slot)
                model[slot] = nil
            } else {
                let kind = Deadlines.Kind.allCases.randomElement(using: &generator) ?? .head
                deadlines.set(slot, kind, now: now)
                model[slot] = (kind, now + Self.nanoseconds(of: kind, limits))
            }
            #expect(deadlines.earliestNanoseconds == model.values.map(\.time).min() ?? .max, "seed \(generator.seed)")
            // The first of each kind's queue is its earliest: nothing behind it has to be looked at.
            let kind = Deadlines.Kind.allCases.randomElement(using: &generator) ?? .head
            let oldest = deadlines.oldest(kind).map { model[$0]?.time ?? .max }
            let earliest = model.values.filter { $0.kind == kind }.map(\.time).min()
            let agrees = oldest == earliest && deadlines.kind(of: slot) == model[slot]?.kind
            #expect(agrees, "seed \(generator.seed)")
        }
    }

    /// So many that looking through them for each of the operations would take hours: each costs the same however many
    /// there are.
    @Test(.timeLimit(.minutes(1)))
    func `two hundred thousand deadlines are set, moved, cancelled and taken in their order`() {
        let count = 200_000
        var deadlines = Deadlines(limits: Limits())
        deadlines.grow(to: count)
        for slot in 0..<count {
            deadlines.set(slot, .idle, now: UInt64(slot))
        }
        // Every second one is set again and so goes to the end, every fourth of these is cancelled there.
        for slot in stride(from: 0, to: count, by: 2) {
            deadlines.set(slot, .idle, now: UInt64(count + slot))
        }
        for slot in stride(from: 0, to: count, by: 8) {
            deadlines.cancel(slot)
        }
        var taken: [Int] = []
        while let expired = deadlines.takeExpired(now: 80 * Self.second) {
            taken.append(expired.slot)
        }
        let odd = stride(from: 1, to: count, by: 2)
        let even = stride(from: 0, to: count, by: 2).filter { !$0.isMultiple(of: 8) }
        #expect(taken == Array(odd) + even)
        #expect(deadlines.earliestNanoseconds == .max)
    }

    private static func nanoseconds(of kind: Deadlines.Kind, _ limits: Limits) -> UInt64 {
        let milliseconds =
            switch kind {
            case .head: limits.headDeadlineMilliseconds
            case .body: limits.bodyDeadlineMilliseconds
            case .idle: limits.idleDeadlineMilliseconds
            case .answer: limits.answerDeadlineMilliseconds
            case .write: limits.writeDeadlineMilliseconds
            case .linger: limits.lingerDeadlineMilliseconds
            case .handshake: limits.handshakeDeadlineMilliseconds
            }
        return UInt64(milliseconds) * 1_000_000
    }
}
