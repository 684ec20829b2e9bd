import Kafka

@testable import OrderedConsumer

extension LanesRun {
    /// What holds at all times.
    func check() throws(LanesViolation) {
        let figures = lanes.figures(at: now)
        let waiting = models.values.reduce(0) { $0 + $1.waiting }
        try ensure(figures.waiting == waiting, "\(waiting) records wait, not \(figures.waiting)")
        let bytes = models.values.flatMap(\.lanes.values).reduce(0) { sum, lane in
            (lane.queue.map(\.logged) + lane.current).reduce(sum) { $0 + $1.bytes }
        }
        try ensure(figures.waitingBytes == bytes, "\(bytes) bytes wait, not \(figures.waitingBytes)")
        try ensure(figures.running == running.count, "\(running.count) calls run, not \(figures.running)")
        for partition in figures.partitions {
            guard let model = models[partition.partition.partition] else {
                throw LanesViolation("figures of a partition that is not assigned")
            }
            let parked = model.parked.count
            try ensure(partition.parkedKeys == parked, "\(parked) keys are parked, not \(partition.parkedKeys)")
            try ensure(partition.waiting == model.waiting, "\(model.waiting) wait, not \(partition.waiting)")
            let busy = lanes.busyCount(in: [partition.partition])
            let expected = model.lanes.count
            try ensure(!model.isDraining || busy == expected, "\(expected) lanes hold a drain up, not \(busy)")
        }
        let parked = lanes.parkedCount
        try ensure(parked == figures.parkedKeys, "\(figures.parkedKeys) keys are parked, not \(parked)")
    }

    /// From now on all goes well: whatever was read is done in the end, and nothing is lost.
    func finish() throws(LanesViolation) {
        endsWell = true
        setPause(false)
        setCallsMax(100)
        for number in 0..<LanesWorld.count {
            if let partition = models[number], partition.isDraining { try end(partition) }
            if models[number] == nil { assign(number) }
        }
        for _ in 0..<1000 {
            for number in 0..<LanesWorld.count { try read(number, producing: false) }
            while let work = lanes.take(for: lanes.newWorker(), at: now) { try began(work) }
            try expectNothingToDo()
            for serial in running.keys.sorted() { try settle(serial) }
            try check()
            if try isFinished() { return try expectEverythingDone() }
        }
        throw LanesViolation("it does not come to an end: \(lanes.figures(at: now))")
    }

    private func isFinished() throws(LanesViolation) -> Bool {
        guard running.isEmpty else { return false }
        let isRead = models.allSatisfy { $0.value.read == world.partitions[$0.key]?.log.count }
        guard isRead, lanes.figures(at: now).waiting == 0 else {
            try wait(max(.zero, (lanes.nextDue ?? now.steady) - now.steady))
            try commit()
            // A key that was refused is tried again after the longest pause; dead letters that are sent back free it.
            for number in 0..<LanesWorld.count { world.redrive(number) }
            return false
        }
        var hasMore = false
        try commit()
        for number in 0..<LanesWorld.count where world.redrive(number) { hasMore = true }
        return !hasMore
    }

    private func expectEverythingDone() throws(LanesViolation) {
        try commit()
        while !lanes.commits(metadataBytesMax: 4000).isEmpty { try commit() }
        let figures = lanes.figures(at: now)
        try ensure(figures.waiting == 0 && figures.waitingBytes == 0 && figures.running == 0, "\(figures)")
        try ensure(lanes.orphans.isEmpty && figures.parkedKeys == 0, "keys are held back: \(figures)")
        try ensure(lanes.laneCount == 0, "lanes are left")
        for (number, partition) in world.partitions {
            try ensure(partition.parked.isEmpty, "keys are parked: \(partition.parked)")
            for logged in partition.log where !logged.isDropped {
                try ensure(partition.concluded.contains(logged.offset), "\(number) \(logged.offset) is lost")
                try ensure(partition.succeeded.contains(logged.origin), "\(number) \(logged.origin) was never handled")
            }
            guard let last = partition.log.last else { continue }
            let committed = partition.committed?.offset
            try ensure(committed == last.offset + 1, "\(number) ends with \(String(describing: committed))")
        }
    }
}
