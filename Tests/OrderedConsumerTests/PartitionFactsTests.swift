import Kafka
import TestSupport
import Testing

@testable import OrderedConsumer

@Suite
struct PartitionFactsTests {
    static let table: [(facts: PartitionFacts, lag: Int64, ahead: Int64, expired: Int64, first: Int64)] = [
        (facts(0..<0, nil), 0, 0, 0, 0),
        (facts(0..<10, nil), 10, 0, 0, 0),
        (facts(4..<10, nil), 6, 0, 0, 4),
        (facts(0..<10, 10), 0, 0, 0, 10),
        (facts(0..<10, 3), 7, 0, 0, 3),
        (facts(0..<10, 3, "relay1:1,2-1"), 4, 3, 0, 3),
        (facts(0..<10, 3, "somebody else's"), 7, 0, 0, 3),
        (facts(4..<10, 3, "relay1:1,2-1"), 3, 3, 1, 5),
        (facts(6..<10, 3, "relay1:1,2-1"), 2, 2, 2, 6),
        (facts(7..<10, 3, "relay1:1,2-1"), 1, 2, 3, 9),
        (facts(6..<6, 3), 0, 0, 3, 6),
        (facts(0..<10, 25), 0, 0, 0, 10),
        (facts(0..<5, 3, "relay1:1-9"), 1, 1, 0, 3),
    ]

    private static func facts(_ kept: Range<Int64>, _ committed: Int64?, _ metadata: String = "") -> PartitionFacts {
        PartitionFacts(
            partition: 0,
            kept: kept,
            committed: committed.map { CommittedOffset(offset: $0, metadata: metadata) }
        )
    }

    @Test(arguments: table)
    func `lag is what is kept and not finished`(
        facts: PartitionFacts,
        lag: Int64,
        ahead: Int64,
        expired: Int64,
        first: Int64
    ) {
        #expect(facts.lag == lag && facts.doneAhead == ahead)
        #expect(facts.expired == expired && facts.firstUnfinished == first)
    }

    @Test
    func `the numbers are those of a set of offsets`() {
        var generator = SeededGenerator()
        for _ in 0..<2000 {
            let low = Int64.random(in: 0...30, using: &generator)
            let kept = low..<(low + Int64.random(in: 0...30, using: &generator))
            let next = Int64.random(in: 0...60, using: &generator)
            var done = CompletedOffsets(next: next)
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                done.insert(next + Int64.random(in: 1...20, using: &generator))
            }
            let facts = Self.facts(kept, next, done.text(bytesMax: 100))
            let unfinished = kept.filter { !done.contains($0) }
            #expect(facts.lag == Int64(unfinished.count), "\(generator)")
            #expect(facts.firstUnfinished == unfinished.first ?? kept.upperBound, "\(generator)")
            #expect(facts.doneAhead == Int64(kept.count { $0 >= next && done.contains($0) }), "\(generator)")
            let gone = next < low ? (next..<low).count { !done.contains($0) } : 0
            #expect(facts.expired == Int64(gone), "\(generator)")
        }
    }
}
