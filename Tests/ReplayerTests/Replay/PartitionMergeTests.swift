import Kafka
import TestSupport
import Testing

@testable import Replayer

struct PartitionMergeTests {
    private func record(_ partition: Int32, _ offset: Int64, _ time: Int64?) -> Record {
        Record(topic: "t", partition: partition, offset: offset, timestampMilliseconds: time, value: nil)
    }

    @Test
    func `nothing comes while a partition starves, since its next record may be the oldest`() {
        var merge = PartitionMerge(partitions: [0, 1])
        merge.supply(0, [record(0, 0, 5)])
        #expect(merge.next() == nil && merge.starving == [1] && merge.nextTime == nil)
        merge.supply(1, [record(1, 0, 3), record(1, 1, 9)])
        #expect(merge.nextTime == 3 && merge.next()?.timestampMilliseconds == 3)
        #expect(merge.next()?.timestampMilliseconds == 5)
        #expect(merge.next() == nil && merge.starving == [0])
        merge.finish(0)
        #expect(merge.next()?.timestampMilliseconds == 9 && !merge.isFinished)
        merge.finish(1)
        #expect(merge.isFinished && merge.next() == nil)
    }

    @Test
    func `a partition may finish while it still has records`() {
        var merge = PartitionMerge(partitions: [0])
        merge.supply(0, [record(0, 0, 1), record(0, 1, 2)])
        merge.finish(0)
        #expect(merge.next() != nil && merge.next() != nil && merge.isFinished)
    }

    /// The model: of all next records, the one whose time, or that of an older one before it, is the least.
    @Test
    func `any partitions, read in any pieces, come in one order by time, each in its own`() throws {
        var random = SeededGenerator()
        for _ in 0..<300 {
            let partitions = (0..<Int.random(in: 1...6, using: &random)).map { partition in
                var time: Int64 = 0
                return (0..<Int.random(in: 0...40, using: &random)).map { offset in
                    time += Int64.random(in: -3...10, using: &random)
                    let isUnstamped = Int.random(in: 0..<20, using: &random) == 0
                    return record(Int32(partition), Int64(offset), isUnstamped ? nil : time)
                }
            }
            var merge = PartitionMerge(partitions: partitions.indices.map { Int32($0) })
            var read = partitions.map { _ in 0 }
            var merged: [Record] = []
            while !merge.isFinished {
                if let next = merge.next() {
                    merged.append(next)
                    continue
                }
                let partition = try #require(merge.starving.randomElement(using: &random))
                let records = partitions[Int(partition)]
                let end = min(records.count, read[Int(partition)] + Int.random(in: 0...7, using: &random))
                merge.supply(partition, Array(records[read[Int(partition)]..<end]))
                read[Int(partition)] = end
                if end == records.count { merge.finish(partition) }
            }
            let keyed = partitions.enumerated().flatMap { partition, records in
                var latest = Int64.min
                return records.map { record in
                    latest = max(latest, record.timestampMilliseconds ?? .min)
                    return (time: latest, partition: partition, record: record)
                }
            }
            let expected = keyed.sorted { left, right in
                left.time != right.time
                    ? left.time < right.time
                    : left.partition != right.partition
                        ? left.partition < right.partition : (left.record.offset ?? 0) < (right.record.offset ?? 0)
            }
            #expect(merged == expected.map(\.record), "\(random)")
        }
    }
}
