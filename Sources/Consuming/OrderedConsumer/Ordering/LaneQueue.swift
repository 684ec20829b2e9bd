import Kafka

struct QueuedRecord {
    let read: ReadRecord
    let ticket: PartitionWork.Ticket
    /// With a reorder window: when it has waited for long enough.
    let releaseAt: Duration
    /// What the reorder window sorts by; ties keep the topic's order.
    var sortTime: Int64

    init(_ read: ReadRecord, ticket: PartitionWork.Ticket, releaseAt: Duration) {
        self.read = read
        self.ticket = ticket
        self.releaseAt = releaseAt
        sortTime = read.facts.occurredAt ?? read.record.timestampMilliseconds ?? 0
    }

    var record: Record { read.record }
    var facts: RecordFacts { read.facts }
    var bytes: Int { read.bytes }
}

/// In the topic's order or, with a reorder window, by event time: none waits longer than the window, and none that came
/// in time is overtaken.
struct LaneQueue {
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

    var dueAt: Duration? { isReordering ? sorted.lazy.map(\.releaseAt).min() : arrivals.first.map { _ in .zero } }

    mutating func take(at now: Duration) -> QueuedRecord? {
        guard isReordering else { return arrivals.removeFirst() }
        guard let dueAt, dueAt <= now else { return nil }
        return sorted.removeFirst()
    }

    func hasDue(at now: Duration) -> Bool { dueAt.map { $0 <= now } ?? false }

    /// With a reorder window: the lowest offset of those that come from the topic for the first time.
    var leastOffset: Int64? { sorted.lazy.filter { $0.facts.mark == nil }.compactMap(\.record.offset).min() }

    mutating func removeAll() -> [QueuedRecord] {
        var all = sorted
        sorted = []
        while let next = arrivals.removeFirst() { all.append(next) }
        return all
    }
}

/// A queue: appended to at the end, taken from the front, both in constant time on average.
package struct Fifo<Element> {
    private var elements: [Element] = []
    private var head = 0

    package init() {}

    package var count: Int { elements.count - head }
    package var isEmpty: Bool { head == elements.count }

    package subscript(_ place: Int) -> Element {
        get { elements[head + place] }
        set { elements[head + place] = newValue }
    }

    package var first: Element? { isEmpty ? nil : elements[head] }

    package mutating func append(_ element: Element) { elements.append(element) }

    /// Places in front of `head` are given back once they are the larger half, so that each element moves once at most.
    package mutating func removeFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: head <= 1024)
            head = 0
        } else if head >= 64, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }
}
