import Kafka

extension LanesStateMachine {
    /// Begins nothing new in partitions that go to another member. What is being done goes on; what waits is left to
    /// the next member.
    mutating func drain(_ leaving: [TopicPartition]) {
        for partition in leaving {
            guard let work = partitions[partition] else { continue }
            work.isDraining = true
            for lane in Array(work.lanes.values) {
                for queued in lane.queue.removeAll() { forget(queued, work) }
                if lane.state != .running { drop(lane) }
            }
        }
    }

    /// Forgets a lane that is not running, and what it was busy with.
    mutating func drop(_ lane: Lane) {
        for queued in lane.current?.records ?? [] { forget(queued, lane.partition) }
        lane.current = nil
        restamp(lane)
        remove(lane)
    }

    /// How many calls of draining partitions are still running, or about to go on.
    func busyCount(in leaving: [TopicPartition]) -> Int {
        leaving.reduce(0) { $0 + (partitions[$1]?.lanes.count ?? 0) }
    }

    /// The workers whose tasks are to be cancelled because their partition leaves; each ends with its call.
    mutating func cancel(in leaving: [TopicPartition]) -> [Int] {
        leaving.flatMap { partition in
            (partitions[partition]?.lanes.values.filter { $0.state == .running && !$0.isCancelling } ?? []).map {
                lane in
                lane.isCancelling = true
                return lane.worker
            }
        }
    }

    /// Partitions are another member's from now on. Calls that are still running end without effect; until they do, no
    /// other call of their keys begins here. Returns how many these are.
    mutating func end(_ leaving: [TopicPartition]) -> Int {
        var unfinished = 0
        for partition in leaving {
            guard let work = partitions.removeValue(forKey: partition) else { continue }
            work.hasEnded = true
            parkedCount -= work.parked.count
            for lane in Array(work.lanes.values) {
                for queued in lane.queue.removeAll() { forget(queued, work) }
                guard lane.state == .running else {
                    drop(lane)
                    continue
                }
                unfinished += 1
                for queued in lane.current?.records ?? [] { forget(queued, work) }
                orphans[partition, default: [:]][lane.key, default: 0] += 1
            }
        }
        counts.abandoned += unfinished
        return unfinished
    }

    /// A call has ended that went on after its partition was taken away.
    mutating func endOrphan(_ lane: Lane, at now: Moment) {
        let partition = lane.partition.id
        let left = (orphans[partition]?[lane.key] ?? 1) - 1
        orphans[partition]?[lane.key] = left == 0 ? nil : left
        if orphans[partition]?.isEmpty == true { orphans[partition] = nil }
        release(lane.index)
        guard left == 0, let blocked = partitions[partition]?.lanes[lane.key], blocked.state == .blocked else { return }
        blocked.state = .waiting
        schedule(blocked, at: now.steady)
    }

    /// What may be committed and is not yet, for these partitions or all.
    ///
    /// `metadataBytesMax` is for the offsets that are done beyond the first unfinished one, so that a successor does
    /// not do them again.
    func commits(_ wanted: [TopicPartition]? = nil, metadataBytesMax: Int) -> [TopicPartition: CommittedOffset] {
        var commits: [TopicPartition: CommittedOffset] = [:]
        for partition in wanted ?? Array(partitions.keys) {
            guard let work = partitions[partition] else { continue }
            // The text counts from this offset, which may be beyond what was read: see what was done before.
            let done = work.doneBeyond
            let offset = CommittedOffset(
                offset: done.next,
                metadata: done.ranges.isEmpty ? "" : done.text(bytesMax: metadataBytesMax)
            )
            if offset != work.committed { commits[partition] = offset }
        }
        return commits
    }

    /// Offsets have been committed.
    mutating func note(committed: [TopicPartition: CommittedOffset]) {
        for (partition, offset) in committed { partitions[partition]?.committed = offset }
    }

    /// The workers whose calls have passed the handler's deadline; each is told once, and ends with its call.
    mutating func overdue(at now: Moment) -> (workers: [Int], notices: [ConsumerNotice]) {
        guard let deadline = rules.handlerDeadline, let next = nextOverdue, next <= now.steady else { return ([], []) }
        var found: (workers: [Int], notices: [ConsumerNotice]) = ([], [])
        nextOverdue = nil
        for case let lane? in slots where lane.state == .running && !lane.isCancelling {
            guard case .handle? = lane.current?.stage else { continue }
            let due = lane.startedAt + deadline
            guard due <= now.steady else {
                nextOverdue = min(nextOverdue ?? due, due)
                continue
            }
            lane.isCancelling = true
            lane.isOverdue = true
            counts.overdue += 1
            found.workers.append(lane.worker)
            let attempt = (lane.current?.failures ?? 0) + 1
            found.notices.append(.overdue(lane.place.partition, offset: lane.place.offset, attempt: attempt))
        }
        return found
    }
}
