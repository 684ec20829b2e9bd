import Kafka
import TestSupport

@testable import OrderedConsumer

/// A random run of ``LanesStateMachine`` beside its model. What differs is thrown.
final class LanesRun {
    /// A call that is running.
    struct Call {
        let work: LaneWork
        let lane: LaneModel
        let partition: PartitionModel
    }

    let world: LanesWorld
    let rules: LaneRules
    var generator: SeededGenerator
    var lanes: LanesStateMachine
    var now = Moment(steady: .zero, wall: 1_767_225_600_000)
    var models: [Int32: PartitionModel] = [:]
    var running: [Int: Call] = [:]
    var isPaused = false
    var callsMax: Int
    /// From now on everything succeeds.
    var endsWell = false

    init(_ shape: LanesShape, _ generator: SeededGenerator) {
        world = LanesWorld(shape)
        rules = shape.rules
        self.generator = generator
        lanes = LanesStateMachine(shape.rules, random: SeededGenerator(seed: generator.seed))
        callsMax = shape.rules.lanesMax
    }

    func chance(_ one: Int, in all: Int) -> Bool { Int.random(in: 0..<all, using: &generator) < one }

    func id(_ number: Int32) -> TopicPartition { TopicPartition(topic: "t", partition: number) }

    func ensure(_ holds: Bool, _ said: @autoclosure () -> String) throws(LanesViolation) {
        if !holds { throw LanesViolation(said()) }
    }

    /// Something happens.
    func step() throws(LanesViolation) {
        let number = Int32.random(in: 0..<LanesWorld.count, using: &generator)
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<22: try read(number)
        case 22..<45: try take()
        case 45..<72: if let serial = running.keys.sorted().randomElement(using: &generator) { try settle(serial) }
        case 72..<84: try wait(.milliseconds(Int.random(in: 0...400, using: &generator)))
        case 84..<89: try commit()
        case 89..<92: world.redrive(number)
        case 92..<98: try rebalance(number)
        case 98: setPause(!isPaused)
        default: setCallsMax(Int.random(in: 1...8, using: &generator))
        }
        try check()
    }

    func setPause(_ isPaused: Bool) {
        self.isPaused = isPaused
        lanes.isPaused = isPaused
    }

    func setCallsMax(_ count: Int) {
        callsMax = count
        lanes.callsMax = count
    }

    func read(_ number: Int32, producing: Bool = true) throws(LanesViolation) {
        guard let partition = models[number], !partition.isDraining else { return }
        let room = lanes.room(in: id(number))
        try ensure(room >= 0, "room is negative")
        let wanted = min(room, Int.random(in: 1...12, using: &generator))
        while producing, (world.partitions[number]?.log.count ?? 0) < partition.read + wanted {
            world.produce(number, &generator)
        }
        let logged = world.partitions[number]?.log.dropFirst(partition.read).prefix(wanted) ?? []
        for record in logged { partition.read(record, at: now.steady, rules) }
        lanes.add(logged.map(\.record), of: id(number), at: now)
    }

    func take() throws(LanesViolation) {
        let worker = lanes.newWorker()
        if let work = lanes.take(for: worker, at: now) {
            try ensure(work.worker == worker, "the work is of another worker")
            try began(work)
        } else {
            try expectNothingToDo()
        }
    }

    func wait(_ duration: Duration) throws(LanesViolation) {
        let due = models.values.flatMap(\.lanes.values).filter { !$0.isRunning && !isBlocked($0) && !$0.mayBeRefused }
            .filter { $0.current.isEmpty || $0.notBefore > now.steady }.compactMap(\.due)
            .filter { $0 > now.steady }.min()
        if let due {
            try ensure(lanes.nextDue.map { $0 <= due } ?? false, "the loop would sleep longer than until \(due)")
        }
        now = Moment(steady: now.steady + duration, wall: now.wall + Int64(duration / .milliseconds(1)))
        lanes.wake(at: now)
        guard let deadline = rules.handlerDeadline else { return }
        var expected: Set<Int> = []
        for call in running.values where !call.lane.isCancelling && call.lane.startedAt + deadline <= now.steady {
            guard case .handle = call.lane.stage else { continue }
            (call.lane.isCancelling, call.lane.isOverdue) = (true, true)
            expected.insert(call.lane.worker)
        }
        let (workers, notices) = lanes.overdue(at: now)
        try ensure(Set(workers) == expected && workers.count == expected.count, "overdue are \(expected): \(workers)")
        try ensure(notices.count == workers.count, "each that is overdue is told")
    }

    /// Partitions come, drain, are cancelled and go.
    func rebalance(_ number: Int32) throws(LanesViolation) {
        guard let partition = models[number] else { return assign(number) }
        if !partition.isDraining {
            guard chance(1, in: 3) else { return }
            drain(partition)
        } else if chance(1, in: 3) {
            let expected = running.values.filter { $0.partition === partition && !$0.lane.isCancelling }
            for call in expected { call.lane.isCancelling = true }
            let workers = lanes.cancel(in: [id(number)])
            try ensure(Set(workers) == Set(expected.map(\.lane.worker)), "cancelled are others")
        } else {
            try end(partition)
        }
    }

    func assign(_ number: Int32) {
        let committed = world.partitions[number]?.committed
        let begin = committed?.offset ?? 0
        let before = committed.flatMap { CompletedOffsets(text: $0.metadata, next: $0.offset) }
        let parked = world.partitions[number]?.parked ?? [:]
        models[number] = PartitionModel(
            number,
            begin: begin,
            before: before ?? CompletedOffsets(next: begin),
            parked: parked
        )
        lanes.begin(PartitionStart(id(number), committed: begin, readFrom: 0, doneAhead: before, parked: parked))
    }

    private func drain(_ partition: PartitionModel) {
        partition.isDraining = true
        for (name, lane) in partition.lanes {
            lane.queue = []
            if !lane.isRunning { partition.lanes[name] = nil }
        }
        lanes.drain([id(partition.number)])
    }

    func end(_ partition: PartitionModel) throws(LanesViolation) {
        let expected = running.values.count { $0.partition === partition }
        models[partition.number] = nil
        let unfinished = lanes.end([id(partition.number)])
        try ensure(unfinished == expected, "\(expected) calls were running, not \(unfinished)")
    }

    /// Commits what is done, which must be true.
    func commit() throws(LanesViolation) {
        let bytesMax = [0, 12, 4000, 4000, 4000].randomElement(using: &generator) ?? 0
        let commits = lanes.commits(metadataBytesMax: bytesMax)
        for (partition, offset) in commits {
            guard let model = models[partition.partition], let there = world.partitions[partition.partition] else {
                throw LanesViolation("a commit of a partition that is not assigned")
            }
            let covered =
                CompletedOffsets(text: offset.metadata, next: offset.offset) ?? CompletedOffsets(next: offset.offset)
            for (place, logged) in there.log.enumerated() {
                let isCovered = covered.contains(logged.offset)
                let isConcluded = logged.isDropped || there.concluded.contains(logged.offset)
                try ensure(!isCovered || isConcluded, "\(partition) \(logged.offset) is committed and not done")
                guard bytesMax == 4000 else { continue }
                let isDone =
                    model.before.contains(logged.offset)
                    || (place < model.read && model.done.contains(logged.offset))
                try ensure(isCovered == isDone, "\(partition) \(logged.offset) is done: \(isDone), in \(offset)")
            }
        }
        // A commit may fail.
        guard endsWell || chance(3, in: 4) else { return }
        lanes.note(committed: commits)
        for (partition, offset) in commits { world.partitions[partition.partition]?.committed = offset }
        let rest = lanes.commits(metadataBytesMax: bytesMax)
        try ensure(rest.isEmpty, "what was committed is committed again")
    }
}
