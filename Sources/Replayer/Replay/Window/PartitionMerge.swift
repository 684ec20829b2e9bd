import Kafka

/// Puts the records of several partitions into one order: that of their times, and within a partition that of its
/// offsets. Pure.
///
/// An entity whose records lie in two partitions, because the topic once had another number of them, is in its order
/// again that way. A record that is older than one before it in its partition counts as being as young as that.
struct PartitionMerge {
    private struct Lane {
        /// The next record is the last.
        var records: [Record] = []
        var time = Int64.min
        var isFinished = false
    }

    private var lanes: [Int32: Lane] = [:]
    /// A heap of the lanes that have a record, the one with the oldest at the front.
    private var heads: [Head] = []
    /// Partitions that may have more and have nothing here: before they are read, nothing can be said.
    private(set) var starving: Set<Int32> = []

    private struct Head {
        let time: Int64
        let partition: Int32

        static func < (left: Head, right: Head) -> Bool {
            left.time != right.time ? left.time < right.time : left.partition < right.partition
        }
    }

    init(partitions: some Sequence<Int32>) {
        for partition in partitions {
            lanes[partition] = Lane()
            starving.insert(partition)
        }
    }

    /// Whether there is nothing left and nothing to come.
    var isFinished: Bool { heads.isEmpty && starving.isEmpty }

    /// Adds what was read of a starving partition, in its order.
    mutating func supply(_ partition: Int32, _ records: [Record]) {
        guard !records.isEmpty, starving.remove(partition) != nil else { return }
        lanes[partition]?.records = records.reversed()
        advance(partition)
    }

    /// Nothing more will come of this partition.
    mutating func finish(_ partition: Int32) {
        lanes[partition]?.isFinished = true
        starving.remove(partition)
    }

    /// When the next record was written, in milliseconds since 1970; nil while a partition starves, and at the end.
    var nextTime: Int64? { starving.isEmpty ? heads.first?.time : nil }

    /// The next record; nil while a partition starves, and at the end.
    mutating func next() -> Record? {
        guard starving.isEmpty, let head = heads.first else { return nil }
        let record = lanes[head.partition]?.records.popLast()
        removeFirst()
        advance(head.partition)
        return record
    }

    private mutating func advance(_ partition: Int32) {
        guard let record = lanes[partition]?.records.last else {
            if lanes[partition]?.isFinished == false { starving.insert(partition) }
            return
        }
        let time = max(lanes[partition]?.time ?? .min, record.timestampMilliseconds ?? .min)
        lanes[partition]?.time = time
        insert(Head(time: time, partition: partition))
    }

    // A binary heap: there are as many heads as partitions, and one comes and goes with each record.

    private mutating func insert(_ head: Head) {
        heads.append(head)
        var place = heads.count - 1
        while place > 0, heads[place] < heads[(place - 1) / 2] {
            heads.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func removeFirst() {
        heads.swapAt(0, heads.count - 1)
        heads.removeLast()
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heads.count && heads[child] < heads[least] {
                least = child
            }
            guard least != place else { return }
            heads.swapAt(place, least)
            place = least
        }
    }
}
