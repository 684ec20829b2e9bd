import Kafka

@testable import OrderedConsumer

// Calls end.
extension LanesRun {
    func settle(_ serial: Int) throws(LanesViolation) {
        guard let call = running.removeValue(forKey: serial) else { return }
        let isOrphan = models[call.partition.number] !== call.partition
        let mayGoOn = !call.lane.isCancelling
        let result = result(of: call, isOrphan: isOrphan)
        call.lane.isRunning = false
        if !isOrphan { try conclude(call, result) }
        let settlement = lanes.settle(call.work, result, at: now)
        try ensure(mayGoOn || (settlement.next == nil && settlement.ringsLoop), "a cancelled worker goes on")
        try ensure(isOrphan || !call.partition.isDraining || settlement.ringsLoop, "the end of a drain is not told")
        if let next = settlement.next {
            try ensure(next.worker == call.work.worker, "the work is of another worker")
            try began(next)
        } else if mayGoOn {
            try expectNothingToDo()
        }
    }

    private func result(of call: Call, isOrphan: Bool) -> LaneWork.Result {
        switch call.work.step {
        case .handle: return .handled(verdict())
        case .giveUp(let letters, let parking, let isNew):
            if !endsWell, chance(1, in: 6) {
                // The entry may have been written and the dead letter not.
                if let parking, isNew, !isOrphan, chance(1, in: 2) {
                    world.partitions[call.partition.number]?.parked[KeyBytes(parking.key)] = parking
                }
                return .failed("no broker")
            }
            // What a member writes after it lost its partition is of no account here.
            guard !isOrphan else { return .gaveUp(at: letters.map { _ in RecordPlace(partition: 0, offset: 0) }) }
            return .gaveUp(at: world.giveUp(letters, parking, call.partition.number))
        case .write: return !endsWell && chance(1, in: 6) ? .failed("no broker") : .written
        }
    }

    private func verdict() -> Verdict {
        if endsWell { return .done }
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<10: return .done
        case 10: return .skip
        case 11..<15: return .retry("again")
        case 15: return .retry("later", after: .milliseconds(Int.random(in: 0...3000, using: &generator)))
        default: return .deadLetter(.handler, "never")
        }
    }

    private func conclude(_ call: Call, _ result: LaneWork.Result) throws(LanesViolation) {
        let (lane, partition) = (call.lane, call.partition)
        switch result {
        case .handled(let verdict):
            try judge(lane, partition, lane.isCancelling ? cancelled(verdict) : verdict)
        case .gaveUp(let given):
            if case .giveUp(let letters, let parking?, _) = call.work.step, let last = given.places.last,
                let letter = letters.last?.letter
            {
                partition.parked[KeyBytes(parking.key)] = parking.noting(letter, at: last)
                partition.failedHere.insert(KeyBytes(parking.key))
            }
            finish(lane, partition)
        case .written:
            guard case .write(let entry) = call.work.step, let key = lane.name.key else { return }
            if case .parked(let parked) = entry {
                partition.parked[key] = parked
            } else {
                partition.parked[key] = nil
                partition.failedHere.remove(key)
            }
            world.partitions[partition.number]?.parked[key] = partition.parked[key]
            finish(lane, partition)
        case .failed:
            lane.storeFailures += 1
            delay(lane, partition, attempt: lane.storeFailures, .zero)
        }
    }

    /// What a cancelled call says counts only if it is done; a pause that it asks for is kept.
    private func cancelled(_ verdict: Verdict) -> Verdict {
        switch verdict {
        case .done, .retry, .hold: verdict
        case .skip, .deadLetter: .retry("cancelled")
        }
    }

    private func judge(_ lane: LaneModel, _ partition: PartitionModel, _ verdict: Verdict) throws(LanesViolation) {
        switch verdict {
        case .done, .skip:
            try world.succeed(lane.current, partition.number)
            guard let mark = lane.current.last?.facts.mark, let drained = mark.drained, let key = lane.name.key,
                var parked = partition.parked[key]
            else { return finish(lane, partition) }
            if parked.lastDeadLetter ?? -1 <= drained.offset {
                follow(lane, .write(.gone(.parked(topic: "t", key: key.bytes))))
            } else {
                parked.redrivenRun = mark.run
                follow(lane, .write(.parked(parked)))
            }
        case .deadLetter(let reason, _):
            lane.failures += 1
            follow(lane, .giveUp(reason))
        case .retry(_, let after), .hold(_, let after):
            if !lane.isCancelling || lane.isOverdue { lane.failures += 1 }
            if lane.failures >= rules.retry.attemptsMax { return follow(lane, .giveUp(.attempts)) }
            delay(lane, partition, attempt: lane.failures, after ?? .zero)
        }
    }

    private func follow(_ lane: LaneModel, _ stage: LaneModel.Stage) {
        lane.stage = stage
        lane.storeFailures = 0
        lane.isFollowUp = true
        (lane.notBefore, lane.dueBy) = (now.steady, now.steady)
    }

    private func delay(_ lane: LaneModel, _ partition: PartitionModel, attempt: Int, _ after: Duration) {
        if partition.isDraining {
            partition.lanes[lane.name] = nil
            return
        }
        var full = rules.retry.firstDelay
        for _ in 1..<max(1, attempt) { full = min(full * 2, rules.retry.delayMax) }
        // A pause is made with floating-point numbers.
        lane.notBefore = now.steady + max(full / 2, after) - .microseconds(1)
        lane.dueBy = now.steady + max(full, after) + .microseconds(1)
    }

    private func finish(_ lane: LaneModel, _ partition: PartitionModel) {
        for logged in lane.current {
            partition.done.insert(logged.offset)
            world.partitions[partition.number]?.concluded.insert(logged.offset)
        }
        lane.clear()
        if lane.queue.isEmpty { partition.lanes[lane.name] = nil }
    }
}
