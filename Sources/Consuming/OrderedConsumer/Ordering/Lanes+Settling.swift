import Kafka

extension LanesStateMachine {
    /// Takes a worker's report, and says what it does next.
    mutating func settle(_ work: LaneWork, _ result: LaneWork.Result, at now: Moment) -> Settlement {
        runningCount -= 1
        var settlement = Settlement()
        guard let lane = slots[work.lane], lane.serial == work.serial, lane.state == .running else {
            preconditionFailure("Work is settled once.")
        }
        let mayGoOn = !lane.isCancelling
        if lane.partition.hasEnded {
            endOrphan(lane, at: now)
        } else {
            conclude(lane, result, at: now, &settlement)
            if lane.partition.isDraining { settlement.ringsLoop = true }
        }
        if mayGoOn { settlement.next = take(for: work.worker, at: now) } else { settlement.ringsLoop = true }
        if let due = nextDue, due < awakeAt { settlement.ringsLoop = true }
        return settlement
    }

    private mutating func conclude(
        _ lane: Lane,
        _ result: LaneWork.Result,
        at now: Moment,
        _ settlement: inout Settlement
    ) {
        guard var current = lane.current else { return }
        switch (current.stage, result) {
        case (.handle, .handled(let verdict)):
            judge(lane, &current, verdict, at: now, &settlement)
        case (.giveUp, .gaveUp(let places)):
            note(current, at: places, lane, &settlement)
            finish(lane, current, at: now, &settlement)
        case (.write(let entry), .written):
            apply(entry, to: lane, &settlement)
            finish(lane, current, at: now, &settlement)
        case (_, .failed(let message)):
            current.storeFailures += 1
            counts.storeFailures += 1
            settlement.notices.append(.storeFailed(lane.place.partition, offset: lane.place.offset, message))
            pause(lane, current, attempt: current.storeFailures, nil, at: now)
        default:
            preconditionFailure("A result belongs to its step.")
        }
    }

    private mutating func judge(
        _ lane: Lane,
        _ current: inout Lane.Current,
        _ verdict: Verdict,
        at now: Moment,
        _ settlement: inout Settlement
    ) {
        switch lane.isCancelling ? cancelled(verdict) : verdict {
        case .done, .skip:
            if verdict == .skip {
                counts.skipped += current.records.count
            } else {
                counts.handled += current.records.count
            }
            counts.superseded += current.records.count - 1
            if let entry = entry(after: current, in: lane) {
                goOn(lane, &current, .write(entry))
            } else {
                finish(lane, current, at: now, &settlement)
            }
        case .deadLetter(let reason, let message):
            fail(&current, at: now)
            goOn(lane, &current, .giveUp(reason, message))
        case .retry(let said, let after):
            let message = lane.isOverdue ? "the handler's deadline passed" : said
            // A call that was cancelled because its partition goes elsewhere has not failed.
            if !lane.isCancelling || lane.isOverdue { fail(&current, at: now) }
            if rules.retry.isExhausted(current.failures) {
                goOn(lane, &current, .giveUp(.attempts, message))
            } else {
                counts.retries += 1
                pause(lane, current, attempt: current.failures, after, at: now)
            }
        }
    }

    /// What a cancelled call says may come from the cancellation, so it counts only if it is done.
    private func cancelled(_ verdict: Verdict) -> Verdict {
        switch verdict {
        case .done, .retry: verdict
        case .skip: .retry("skipped after it was cancelled")
        case .deadLetter(_, let message): .retry(message)
        }
    }

    private func fail(_ current: inout Lane.Current, at now: Moment) {
        current.failures += 1
        current.firstFailure = current.firstFailure ?? now.wall
    }

    /// The next stage of the same records comes before any other lane.
    private mutating func goOn(_ lane: Lane, _ current: inout Lane.Current, _ stage: Lane.Current.Stage) {
        current.stage = stage
        current.storeFailures = 0
        lane.current = current
        restamp(lane)
        lane.state = .ready
        following.append(Ready(lane: lane.index, stamp: lane.stamp))
    }

    /// While its partition drains, a record that failed is left to the next member.
    private mutating func pause(
        _ lane: Lane,
        _ current: Lane.Current,
        attempt: Int,
        _ atLeast: Duration?,
        at now: Moment
    ) {
        if lane.partition.isDraining { return drop(lane) }
        lane.current = current
        let pause = rules.retry.delay(afterAttempt: attempt, atLeast: atLeast, &random)
        resume(lane, after: pause, at: now.steady)
    }

    private mutating func finish(
        _ lane: Lane,
        _ current: Lane.Current,
        at now: Moment,
        _ settlement: inout Settlement
    ) {
        let work = lane.partition
        for queued in current.records {
            work.tracker.complete(queued.ticket)
            forget(queued, work)
        }
        if work.wantsRoom, work.records <= max(1, rules.recordsMax / max(1, partitions.count)) / 2 {
            work.wantsRoom = false
            settlement.ringsLoop = true
        }
        lane.current = nil
        lane.state = .waiting
        schedule(lane, at: now.steady)
    }

    mutating func forget(_ queued: QueuedRecord, _ work: PartitionWork) {
        work.records -= 1
        records -= 1
        work.bytes -= queued.bytes
        bytes -= queued.bytes
    }
}

extension LanesStateMachine {
    /// Dead letters have been written.
    private mutating func note(
        _ current: Lane.Current,
        at places: [RecordPlace],
        _ lane: Lane,
        _ settlement: inout Settlement
    ) {
        for (letter, place) in zip(current.letters, places) {
            counts.deadLetters[letter.reason.word, default: 0] += 1
            settlement.notices.append(.deadLettered(letter, place))
        }
        guard let parking = current.parking else { return }
        let noted = places.last.map { parking.noting($0) } ?? parking
        if lane.partition.parked.updateValue(noted, forKey: lane.key) == nil {
            parkedCount += 1
            settlement.notices.append(.parked(noted))
        }
    }

    /// What has to be written before a redriven record of a parked key counts as done.
    private func entry(after current: Lane.Current, in lane: Lane) -> StateEntry? {
        guard let parked = lane.partition.parked[lane.key], let mark = current.newest.facts.mark,
            let drained = mark.drained
        else { return nil }
        let isDrained = parked.lastDeadLetter.map { $0 <= drained.offset } ?? true
        if isDrained { return .gone(.parked(topic: parked.topic, key: parked.key)) }
        var redriven = parked
        redriven.redrivenRun = mark.run
        return .parked(redriven)
    }

    private mutating func apply(_ entry: StateEntry, to lane: Lane, _ settlement: inout Settlement) {
        switch entry {
        case .parked(let parked): lane.partition.parked[lane.key] = parked
        case .gone:
            guard let parked = lane.partition.parked.removeValue(forKey: lane.key) else { return }
            parkedCount -= 1
            settlement.notices.append(.unparked(parked))
        default: break
        }
    }
}
