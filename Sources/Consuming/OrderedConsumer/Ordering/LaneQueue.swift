import Kafka

/// A record that waits in a lane.
struct QueuedRecord {
    let read: ReadRecord
    let ticket: Int
    /// With a reorder window: when it has waited for long enough.
    let releaseAt: Duration
    /// What the reorder window sorts by; ties keep the topic's order.
    var sortTime: Int64

    init(_ read: ReadRecord, ticket: Int, releaseAt: Duration) {
        self.read = read
        self.ticket = ticket
        self.releaseAt = releaseAt
        sortTime = read.facts.occurredAt ?? read.record.timestampMilliseconds ?? 0
    }

    var record: Record { read.record }
    var facts: RecordFacts { read.facts }
    var bytes: Int { read.bytes }
}

/// The records of one key that wait: in the topic's order, or, with a reorder window, by the time of their events.
///
/// A record that has waited for the window goes, and before it everything that occurred earlier; so none waits longer
/// than the window, and none that came in time is overtaken.
struct LaneQueue {
    /// In the topic's order.
    private var arrivals = Fifo<QueuedRecord>()
    /// In the order of `sortTime`; used instead of `arrivals` when there is a window.
    private var sorted: [QueuedRecord] = []
    private let isReordering: Bool

    init(isReordering: Bool) { self.isReordering = isReordering }

    var count: Int { isReordering ? sorted.count : arrivals.count }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ queued: QueuedRecord) {
        guard isReordering else { return arrivals.append(queued) }
        var queued = queued
        if queued.facts.mark != nil {
            // A redriven record comes in its order already, and is waited for at its end.
            queued.sortTime = max(queued.sortTime, sorted.last?.sortTime ?? queued.sortTime)
        }
        let place = sorted.lastIndex { $0.sortTime <= queued.sortTime }.map { $0 + 1 } ?? 0
        sorted.insert(queued, at: place)
    }

    /// When the next record may go; `nil` when there is none.
    var dueAt: Duration? {
        isReordering ? sorted.lazy.map(\.releaseAt).min() : arrivals.first.map { _ in .zero }
    }

    /// The next record, if one may go now.
    mutating func take(at now: Duration) -> QueuedRecord? {
        guard isReordering else { return arrivals.removeFirst() }
        guard let dueAt, dueAt <= now else { return nil }
        return sorted.removeFirst()
    }

    /// Whether another record may go now.
    func hasDue(at now: Duration) -> Bool { dueAt.map { $0 <= now } ?? false }

    /// With a reorder window: the lowest offset of those that come from the topic for the first time.
    var leastOffset: Int64? { sorted.lazy.filter { $0.facts.mark == nil }.compactMap(\.record.offset).min() }

    /// All of them, for a lane that ends.
    mutating func removeAll() -> [QueuedRecord] {
        var all = sorted
        sorted = []
        while let next = arrivals.removeFirst() { all.append(next) }
        return all
    }
}
