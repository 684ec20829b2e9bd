import Kafka

/// Puts partitions into one order by time: an entity that lies in two of them, because the topic once had another
/// number of partitions, is in its order again. A record older than the one before it in its partition counts as that
/// young.
struct PartitionMerge {
    private struct Input {
        let partition: Int32
        /// What was read last; those before `next` were returned and are empty.
        var records: [Record] = []
        var next = 0
        var time = Int64.min
        var isFinished = false
    }

    private static let empty = Record(topic: "", value: nil)

    private var inputs: [Input] = []
    private var places: [Int32: Int] = [:]
    /// A heap of the inputs that have a record, the one with the oldest at the front.
    private var heads: [Head] = []
    /// Partitions that may have more records and have none here: until they are read, the next record is not known.
    private(set) var starving: Set<Int32> = []

    private struct Head {
        let time: Int64
        let partition: Int32
        let place: Int

        static func < (left: Head, right: Head) -> Bool {
            left.time != right.time ? left.time < right.time : left.partition < right.partition
        }
    }

    init(partitions: some Sequence<Int32>) {
        for partition in partitions {
            places[partition] = inputs.count
            inputs.append(Input(partition: partition))
            starving.insert(partition)
        }
    }

    /// Whether there is nothing left and nothing to come.
    var isFinished: Bool { heads.isEmpty && starving.isEmpty }

    mutating func supply(_ partition: Int32, _ records: consuming [Record]) {
        guard !records.isEmpty, let place = places[partition], starving.remove(partition) != nil else { return }
        inputs[place].records = records
        inputs[place].next = 0
        heads.append(head(place))
        siftUp()
    }

    mutating func finish(_ partition: Int32) {
        if let place = places[partition] { inputs[place].isFinished = true }
        starving.remove(partition)
    }

    /// When the next record was written, in milliseconds since 1970; nil while a partition starves, and at the end.
    var nextTime: Int64? { starving.isEmpty ? heads.first?.time : nil }

    /// The next record; nil while a partition starves, and at the end.
    mutating func next() -> Record? {
        guard starving.isEmpty, let place = heads.first?.place else { return nil }
        // Moved out, since a copy would count each of its parts up and down again.
        var record = Self.empty
        swap(&record, &inputs[place].records[inputs[place].next])
        inputs[place].next += 1
        if inputs[place].next == inputs[place].records.count {
            heads.swapAt(0, heads.count - 1)
            heads.removeLast()
            if !inputs[place].isFinished { starving.insert(inputs[place].partition) }
        } else {
            heads[0] = head(place)
        }
        siftDown()
        return record
    }

    private mutating func head(_ place: Int) -> Head {
        let next = inputs[place].next
        let time = max(inputs[place].time, inputs[place].records[next].timestampMilliseconds ?? .min)
        inputs[place].time = time
        return Head(time: time, partition: inputs[place].partition, place: place)
    }

    // A binary heap: there are as many heads as partitions, and with each record the first one changes.

    private mutating func siftUp() {
        var place = heads.count - 1
        while place > 0, heads[place] < heads[(place - 1) / 2] {
            heads.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func siftDown() {
        var place = 0
        while true {
            var least = place
            let (left, right) = (2 * place + 1, 2 * place + 2)
            if left < heads.count, heads[left] < heads[least] { least = left }
            if right < heads.count, heads[right] < heads[least] { least = right }
            guard least != place else { return }
            heads.swapAt(place, least)
            place = least
        }
    }
}
