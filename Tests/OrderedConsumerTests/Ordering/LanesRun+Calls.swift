import Kafka

@testable import OrderedConsumer

// Calls begin.
extension LanesRun {
    func began(_ work: LaneWork) throws(LanesViolation) {
        let (lane, partition) = try place(of: work)
        markRefused()
        try ensure(!lane.isRunning && !isBlocked(lane), "two calls of \(lane.name)")
        let isNext = models.values.flatMap(\.lanes.values).contains {
            $0.isFollowUp && !$0.isRunning && !$0.mayBeRefused
        }
        try ensure(lane.isFollowUp || !isNext, "what follows a call comes before \(lane.name)")
        try ensure(lane.isFollowUp || !isPaused, "\(lane.name) begins while the group pauses")
        if lane.current.isEmpty {
            try ensure(!partition.isDraining, "\(lane.name) begins while its partition drains")
            try load(lane, partition)
        }
        try ensure(now.steady >= lane.notBefore, "\(lane.name) begins before \(lane.notBefore)")
        try expect(work.step, lane, partition)
        (lane.isRunning, lane.isCancelling, lane.isOverdue) = (true, false, false)
        (lane.isFollowUp, lane.mayBeRefused) = (false, false)
        (lane.worker, lane.startedAt) = (work.worker, now.steady)
        running[work.serial] = Call(work: work, lane: lane, partition: partition)
        try ensure(running.count <= callsMax, "\(running.count) calls run, \(callsMax) may")
    }

    private func place(of work: LaneWork) throws(LanesViolation) -> (LaneModel, PartitionModel) {
        let name: LaneName?
        switch work.step {
        case .handle(let consumed): name = LaneName(consumed.record.partition ?? -1, consumed.record)
        case .giveUp(let letters, _, _): name = letters.first.map { LaneName($0.record.partition ?? -1, $0.record) }
        case .write(let entry):
            guard case .parked(_, let key) = entry.key else { throw LanesViolation("a strange entry") }
            name = models.values.flatMap(\.lanes.keys).first { $0.key == KeyBytes(key) }
        }
        guard let name, let partition = models[name.partition], let lane = partition.lanes[name] else {
            throw LanesViolation("work for a lane that has nothing to do: \(work.step)")
        }
        return (lane, partition)
    }

    /// A call of an earlier assignment for the same key is still running.
    func isBlocked(_ lane: LaneModel) -> Bool {
        lane.name.key != nil && running.values.contains { $0.lane !== lane && $0.lane.name == lane.name }
    }

    private func load(_ lane: LaneModel, _ partition: PartitionModel) throws(LanesViolation) {
        guard let first = lane.takeNext(at: now.steady) else {
            throw LanesViolation("\(lane.name) has nothing that may go")
        }
        lane.current = [first]
        let parked = lane.name.key.flatMap { partition.parked[$0] }
        if let parked, !partition.isLet(first, through: parked) {
            lane.stage = .giveUp(.parked)
            return
        }
        if rules.isCoalescing, parked == nil {
            while lane.current.count < rules.coalescedMax, let more = lane.takeNext(at: now.steady) {
                lane.current.append(more)
            }
        }
        guard let key = lane.name.key else { return }
        for logged in lane.current { lane.isLate = logged.time.map { partition.observe(key, $0) } ?? false }
    }

    private func expect(_ step: LaneWork.Step, _ lane: LaneModel, _ partition: PartitionModel) throws(LanesViolation) {
        let offsets = lane.current.map(\.offset)
        switch (lane.stage, step) {
        case (.handle, .handle(let consumed)):
            let given = consumed.superseded.map(\.place.offset) + [consumed.record.offset ?? -1]
            try ensure(given == offsets, "\(lane.name): \(offsets) are next, not \(given)")
            let ids = consumed.superseded.map(\.id) + [consumed.id]
            try ensure(ids == lane.current.map(\.facts.idText), "\(lane.name): wrong ids \(ids)")
            try ensure(consumed.attempt == lane.failures + 1, "\(lane.name): attempt \(consumed.attempt)")
            try ensure(consumed.isLate == lane.isLate, "\(lane.name) \(offsets): late is \(consumed.isLate)")
            let redrives = lane.current.last?.facts.mark?.count ?? 0
            try ensure(consumed.redrives == redrives, "\(lane.name): redrives \(consumed.redrives)")
        case (.giveUp(let reason), .giveUp(let letters, let parking, let isNew)):
            try ensure(letters.map(\.record.offset) == offsets, "\(lane.name): gives up others than \(offsets)")
            for (letter, logged) in zip(letters.map(\.letter), lane.current) {
                let isRight =
                    letter.reason == reason && letter.attempts == lane.failures
                    && letter.origin.offset == logged.origin
                try ensure(isRight, "\(lane.name): \(letter) for \(reason)")
            }
            try expect(parking, isNew, lane, partition)
        case (.write(let expected), .write(let entry)):
            try ensure(entry == expected, "\(lane.name): writes \(entry), not \(expected)")
        default: throw LanesViolation("\(lane.name): \(step) at stage \(lane.stage)")
        }
    }

    private func expect(
        _ parking: ParkedKey?,
        _ isNew: Bool,
        _ lane: LaneModel,
        _ partition: PartitionModel
    ) throws(LanesViolation) {
        let known = lane.name.key.flatMap { partition.parked[$0] }
        try ensure(isNew == parksNewly(lane, partition), "\(lane.name): parks newly: \(isNew)")
        try ensure((parking != nil) == (known != nil || isNew), "\(lane.name): \(String(describing: parking))")
        guard let parking else { return }
        let run = lane.current.last?.facts.mark?.run ?? known?.blockedRun
        try ensure(parking.blockedRun == run, "\(lane.name): blocked run \(String(describing: parking.blockedRun))")
        try ensure(parking.offset <= lane.current[0].origin, "\(lane.name): parked from \(parking.offset) on")
        if isNew {
            try ensure(!isFull(for: lane), "\(lane.name): too many keys are parked")
            lane.isParking = true
        }
    }

    private func parksNewly(_ lane: LaneModel, _ partition: PartitionModel) -> Bool {
        guard case .giveUp = lane.stage, let key = lane.name.key else { return false }
        return partition.parked[key] == nil && rules.afterDeadLetter == .park
    }

    private func isFull(for lane: LaneModel) -> Bool {
        let parked = models.values.reduce(0) { $0 + $1.parked.count }
        let parking = models.values.flatMap(\.lanes.values).count { $0.isParking && $0 !== lane }
        return parked + parking >= rules.parkedKeysMax
    }

    /// When a key is refused is not told; from when it may have been, it need not go on.
    private func markRefused() {
        for partition in models.values {
            for (name, lane) in partition.lanes where !lane.isRunning && !lane.current.isEmpty {
                guard lane.isFollowUp || lane.dueBy <= now.steady || lane.notBefore <= now.steady,
                    parksNewly(lane, partition), isFull(for: lane)
                else { continue }
                lane.mayBeRefused = true
                let key = name.key ?? KeyBytes([])
                if partition.isDraining, lanes.partitions[id(name.partition)]?.lanes[key] == nil {
                    partition.lanes[name] = nil
                }
            }
        }
    }

    /// No worker got work: there must be none.
    func expectNothingToDo() throws(LanesViolation) {
        markRefused()
        guard running.count < callsMax else { return }
        for partition in models.values {
            for lane in partition.lanes.values where !lane.isRunning && !isBlocked(lane) && !lane.mayBeRefused {
                let isDue = lane.current.isEmpty ? lane.hasDue(at: now.steady) : lane.dueBy <= now.steady
                try ensure(!lane.isFollowUp && (isPaused || !isDue), "\(lane.name) could go on, and does not")
            }
            guard partition.isDraining else { continue }
            let busy = running.values.count { $0.partition === partition }
            let said = lanes.busyCount(in: [id(partition.number)])
            try ensure(said == busy, "\(busy) calls of a draining partition run, and \(said) hold it up")
        }
    }
}
