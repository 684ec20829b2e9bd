/// Slots are numbered in the order of the merge, so that one ring of fixed size holds all partitions.
struct InFlightRecords {
    private struct Entry {
        var partition: Int32
        var offset: Int64
        var isSettled: Bool
    }

    /// Limit: entries, settled ones behind an unsettled one among them.
    let capacity: Int
    private var entries: [Entry] = []
    private var first = 0
    private(set) var count = 0
    private(set) var unsettled = 0
    /// Everything of a partition before this offset is done.
    private(set) var next: [Int32: Int64]

    init(capacity: Int, next: [Int32: Int64]) {
        precondition(capacity > 0, "There is room for at least one record.")
        self.capacity = capacity
        self.next = next
        entries.reserveCapacity(capacity)
    }

    var isFull: Bool { count == capacity }

    var nextSlot: Int { first + count }

    mutating func offer(partition: Int32, offset: Int64) {
        append(Entry(partition: partition, offset: offset, isSettled: false))
        unsettled += 1
    }

    mutating func skip(partition: Int32, offset: Int64) {
        guard count > 0 else {
            next[partition] = offset + 1
            return
        }
        append(Entry(partition: partition, offset: offset, isSettled: true))
    }

    private mutating func append(_ entry: Entry) {
        precondition(!isFull, "There is no room.")
        let place = nextSlot % capacity
        if place == entries.count { entries.append(entry) } else { entries[place] = entry }
        count += 1
    }

    mutating func settle(_ slot: Int) {
        precondition(slot >= first && slot < nextSlot && !entries[slot % capacity].isSettled, "A record ends once.")
        entries[slot % capacity].isSettled = true
        unsettled -= 1
        while count > 0, entries[first % capacity].isSettled {
            let entry = entries[first % capacity]
            next[entry.partition] = entry.offset + 1
            first += 1
            count -= 1
        }
    }
}
