import Kafka
import Testing

@testable import RecordOutput

@Suite
struct ReadingTallyTests {
    private func record(_ partition: Int32, _ offset: Int64, at time: Int64 = 0) -> Record {
        Record(topic: "t", partition: partition, offset: offset, timestampMilliseconds: time, key: nil, value: nil)
    }

    @Test
    func `it counts, and tells the rate since the line before`() {
        var tally = ReadingTally(partitions: 2)
        #expect(
            tally.status(elapsed: .zero, nowMilliseconds: 0)
                == "read 0, shown 0, 0/s, nothing yet, 0 of 2 partitions at their end"
        )
        for offset in 0..<10 { tally.add(record(0, Int64(offset), at: Int64(offset) * 1000), isShown: offset == 3) }
        tally.add(endOf: 1, at: 0)
        #expect(
            tally.status(elapsed: .seconds(2), nowMilliseconds: 12_000)
                == "read 10, shown 1, 5/s, newest 3 s old, 1 of 2 partitions at their end"
        )
        #expect(
            tally.status(elapsed: .seconds(3), nowMilliseconds: 8000)
                == "read 10, shown 1, 0/s, newest 0 s old, 1 of 2 partitions at their end"
        )
        #expect(
            tally.summary(elapsed: .milliseconds(2550)) == "read 10 records, showed 1, in 2.5 s (3/s), partitions: 2"
        )
        #expect(tally.summary(elapsed: .zero) == "read 10 records, showed 1, in 0.0 s (0/s), partitions: 2")
    }

    @Test(arguments: [(Int64.min, "106751991167 days"), (.min + 1, "106751991167 days"), (.max, "0 s")])
    func `a time that nobody has lived in is an age too`(time: Int64, text: String) {
        var tally = ReadingTally(partitions: 1)
        tally.add(record(0, 0, at: time), isShown: true)
        #expect(tally.status(elapsed: .zero, nowMilliseconds: 1_791_277_367_713).contains("newest \(text) old"))
    }

    @Test(arguments: [
        (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172_800, "2 days"),
    ])
    func `an age is told in a unit that fits`(seconds: Int, text: String) {
        var tally = ReadingTally(partitions: 1)
        tally.add(record(0, 0), isShown: true)
        let line = tally.status(elapsed: .seconds(1), nowMilliseconds: Int64(seconds) * 1000)
        #expect(line.contains("newest \(text) old"))
    }

    /// Compaction and markers of transactions leave gaps before an end.
    @Test
    func `a partition is at its end until a record comes`() {
        var tally = ReadingTally(partitions: 1)
        #expect(tally.partitionsAtEnd == 0 && !tally.wasAtAllEnds)
        tally.add(record(0, 5), isShown: true)
        tally.add(endOf: 0, at: 9)
        #expect(tally.partitionsAtEnd == 1 && tally.wasAtAllEnds)
        tally.add(record(0, 9), isShown: true)
        #expect(tally.partitionsAtEnd == 0 && tally.wasAtAllEnds)
        tally.add(endOf: 0, at: 10)
        #expect(tally.partitionsAtEnd == 1)
    }
}
