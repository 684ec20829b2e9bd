/// Tracks which records of a partition are done, in any order; up to the first unfinished one can be committed.
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
    /// The offset after the newest record that was added.
    private(set) var end: Int64

    init(next: Int64) {
        self.next = next
        end = next
    }

    var count: Int { entries.count }

    /// When the first unfinished record was written, in milliseconds since 1970.
    var oldestTimestamp: Int64? { entries.first?.timestamp }
    var isFinished: Bool { entries.isEmpty }

    /// Returns the ticket for ``complete(_:)``. Missing offsets (compacted, or a transaction's markers) count as done.
    mutating func add(_ offset: Int64, timestamp: Int64? = nil) -> Int {
        precondition(offset >= end, "Records of a partition come in order.")
        end = offset + 1
        if entries.isEmpty { next = offset }
        entries.append(Entry(offset: offset, timestamp: timestamp, isDone: false))
        return firstTicket + entries.count - 1
    }

    /// Returns whether ``next`` has moved.
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

    /// Ranges of done records after ``next``, in order.
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
