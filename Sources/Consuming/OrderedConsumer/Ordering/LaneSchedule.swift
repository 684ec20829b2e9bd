import Kafka

struct LaneSchedule {
    private struct Entry {
        let lane: Int
        let stamp: Int
    }

    private var slots: [Lane?] = []
    private var freeSlots: [Int] = []
    /// Lanes whose records have come to their next stage: they come before all others.
    private var following = Fifo<Entry>()
    private var ready = Fifo<Entry>()
    private var timers = TimerHeap()
    private var stamps = 0
    private var serials = 0
    /// Calls that outlive their partition's assignment, by key: until they end, the key's lane is blocked.
    private(set) var orphans: [TopicPartition: [KeyBytes: Int]] = [:]
    private let deadline: Duration?
    /// When a running call may first have passed the deadline; `nil` while none can.
    private var nextOverdue: Duration?

    init(deadline: Duration?) { self.deadline = deadline }

    var count: Int { slots.count - freeSlots.count }

    var lanes: some Sequence<Lane> { slots.lazy.compactMap(\.self) }

    subscript(index: Int) -> Lane? { slots[index] }

    /// When ``wake(at:)`` or ``takeOverdue(at:)`` has something to do next.
    var nextDue: Duration? {
        guard let timer = timers.first?.due else { return nextOverdue }
        return min(timer, nextOverdue ?? timer)
    }

    mutating func makeLane(_ key: KeyBytes, _ partition: PartitionWork, isReordering: Bool) -> Lane {
        let index = freeSlots.popLast() ?? slots.count
        let lane = Lane(
            index: index,
            key: key,
            partition: partition,
            isReordering: isReordering,
            state: orphans[partition.id]?[key] == nil ? .waiting : .blocked
        )
        if index == slots.count { slots.append(lane) } else { slots[index] = lane }
        partition.lanes[key] = lane
        return lane
    }

    mutating func remove(_ lane: Lane) {
        restamp(lane)
        lane.partition.lanes[lane.key] = nil
        free(lane)
    }

    private mutating func free(_ lane: Lane) {
        slots[lane.index] = nil
        freeSlots.append(lane.index)
    }

    /// Puts a lane that is not busy where it belongs: ready, behind a timer, or removed if its queue is empty.
    mutating func schedule(_ lane: Lane, at now: Duration) {
        guard lane.state != .blocked else { return }
        guard let due = lane.queue.dueAt else { return remove(lane) }
        restamp(lane)
        if due <= now {
            lane.state = .ready
            ready.append(Entry(lane: lane.index, stamp: lane.stamp))
        } else {
            wait(lane, until: due)
        }
    }

    /// The lane's next step comes before all other lanes.
    mutating func follow(_ lane: Lane) {
        restamp(lane)
        lane.state = .ready
        following.append(Entry(lane: lane.index, stamp: lane.stamp))
    }

    /// The lane's next step is due at that time.
    mutating func resume(_ lane: Lane, at due: Duration) {
        restamp(lane)
        wait(lane, until: due)
    }

    private mutating func wait(_ lane: Lane, until due: Duration) {
        lane.state = .waiting
        timers.insert(TimerHeap.Entry(due: due, lane: lane.index, stamp: lane.stamp))
    }

    private mutating func restamp(_ lane: Lane) {
        stamps += 1
        lane.stamp = stamps
    }

    mutating func wake(at now: Duration) {
        while let first = timers.first, first.due <= now {
            _ = timers.removeFirst()
            guard let lane = slots[first.lane], lane.stamp == first.stamp, lane.state == .waiting else { continue }
            restamp(lane)
            lane.state = .ready
            ready.append(Entry(lane: lane.index, stamp: lane.stamp))
        }
    }

    /// The next lane that is ready; only one that is busy already unless something new may begin.
    mutating func next(mayBegin: Bool) -> Lane? {
        while let entry = following.removeFirst() ?? (mayBegin ? ready.removeFirst() : nil) {
            if let lane = slots[entry.lane], lane.stamp == entry.stamp, lane.state == .ready { return lane }
        }
        return nil
    }

    mutating func start(_ lane: Lane, _ worker: Int, at now: Duration) {
        restamp(lane)
        serials += 1
        lane.state = .running
        lane.serial = serials
        lane.worker = worker
        lane.startedAt = now
        lane.isCancelling = false
        lane.isOverdue = false
        if let deadline { nextOverdue = nextOverdue ?? now + deadline }
    }

    mutating func takeOverdue(at now: Duration) -> [Lane] {
        guard let deadline, let next = nextOverdue, next <= now else { return [] }
        nextOverdue = nil
        var overdue: [Lane] = []
        for lane in lanes where lane.state == .running && !lane.isCancelling {
            guard case .handle? = lane.batch?.stage else { continue }
            let due = lane.startedAt + deadline
            if due <= now {
                lane.isCancelling = true
                lane.isOverdue = true
                overdue.append(lane)
            } else {
                nextOverdue = min(nextOverdue ?? due, due)
            }
        }
        return overdue
    }

    mutating func orphan(_ lane: Lane) { orphans[lane.partition.id, default: [:]][lane.key, default: 0] += 1 }

    /// `work` is the orphan's partition, if it was assigned again meanwhile.
    mutating func endOrphan(_ lane: Lane, _ work: PartitionWork?, at now: Duration) {
        let partition = lane.partition.id
        let left = (orphans[partition]?[lane.key] ?? 1) - 1
        orphans[partition]?[lane.key] = left == 0 ? nil : left
        if orphans[partition]?.isEmpty == true { orphans[partition] = nil }
        free(lane)
        guard left == 0, let blocked = work?.lanes[lane.key], blocked.state == .blocked else { return }
        blocked.state = .waiting
        schedule(blocked, at: now)
    }
}

/// One key of one partition: what waits, and what is being done. Confined to its ``LanesStateMachine``.
final class Lane {
    enum State: Equatable {
        case ready, running
        /// Until its timer, for a retry or for the reorder window.
        case waiting
        /// Until an earlier call for the same key, from an earlier assignment of the partition, has ended.
        case blocked
    }

    let index: Int
    let key: KeyBytes
    let partition: PartitionWork
    var queue: LaneQueue
    var batch: LaneBatch?
    fileprivate(set) var state: State
    fileprivate var stamp = 0
    /// The call that is running, and who runs it.
    fileprivate(set) var serial = 0
    fileprivate(set) var worker = 0
    fileprivate var startedAt = Duration.zero
    /// Its worker's task is cancelled: it ends with this call.
    var isCancelling = false
    fileprivate(set) var isOverdue = false
    /// Its call was the breaker's probe.
    var isProbe = false

    fileprivate init(index: Int, key: KeyBytes, partition: PartitionWork, isReordering: Bool, state: State) {
        self.index = index
        self.key = key
        self.partition = partition
        self.state = state
        queue = LaneQueue(isReordering: isReordering)
    }

    /// It is about to park its key, which is not parked yet.
    var isParkingAnew: Bool { batch?.parking != nil && partition.parked[key] == nil }

    var overdueNotice: ConsumerNotice {
        .overdue(place.partition, offset: place.offset, attempt: (batch?.failures ?? 0) + 1)
    }

    var place: (partition: TopicPartition, offset: Int64) { (partition.id, batch?.newest.record.offset ?? -1) }
}

struct TimerHeap {
    struct Entry: Equatable {
        let due: Duration
        let lane: Int
        let stamp: Int
    }

    private var entries: [Entry] = []

    var first: Entry? { entries.first }
    var count: Int { entries.count }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0, entries[child].due < entries[(child - 1) / 2].due {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> Entry? {
        guard let first = entries.first else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].due < entries[least].due { least = child }
            guard least != parent else { return first }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
