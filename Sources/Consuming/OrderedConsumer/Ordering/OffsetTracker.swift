/// Which records of one partition are done, although they finish in any order: what may be committed is where the first
/// unfinished one stands.
struct OffsetTracker {
    private struct Entry {
        let offset: Int64
        let timestamp: Int64?
        var isDone: Bool
    }

    /// Everything below is done: the offset to commit.
    private(set) var next: Int64
    private var entries = Fifo<Entry>()
    private var firstTicket = 0
    /// Behind the newest record that was added.
    private(set) var end: Int64

    /// Begins where the group has come to.
    init(next: Int64) {
        self.next = next
        end = next
    }

    /// Records that were added and stand at or behind the first unfinished one.
    var count: Int { entries.count }

    /// When the first unfinished record was written, in milliseconds since 1970.
    var oldestTimestamp: Int64? { entries.first?.timestamp }
    var isFinished: Bool { entries.isEmpty }

    /// Adds the next record; its ticket is what ``complete(_:)`` wants. Offsets must grow; what is not there (compacted
    /// away, or a transaction's mark) counts as done.
    mutating func add(_ offset: Int64, timestamp: Int64? = nil) -> Int {
        precondition(offset >= end, "Records of a partition come in order.")
        end = offset + 1
        if entries.isEmpty { next = offset }
        entries.append(Entry(offset: offset, timestamp: timestamp, isDone: false))
        return firstTicket + entries.count - 1
    }

    /// Marks a record as done. Whether ``next`` has moved.
    @discardableResult
    mutating func complete(_ ticket: Int) -> Bool {
        let place = ticket - firstTicket
        precondition(place >= 0 && place < entries.count && !entries[place].isDone, "A record is done once.")
        entries[place].isDone = true
        guard place == 0 else { return false }
        while let first = entries.first, first.isDone {
            _ = entries.removeFirst()
            firstTicket += 1
            next = entries.first?.offset ?? end
        }
        return true
    }

    /// Runs of done records behind ``next``, as closed ranges of offsets, in order.
    var doneAhead: [ClosedRange<Int64>] {
        var ranges: [ClosedRange<Int64>] = []
        var start: Int64?
        for place in 0..<entries.count {
            let entry = entries[place]
            if entry.isDone {
                start = start ?? entry.offset
            } else if let from = start {
                ranges.append(from...entry.offset - 1)
                start = nil
            }
        }
        if let from = start { ranges.append(from...end - 1) }
        return ranges
    }
}
