import FoundationEssentials
import Kafka
import Synchronization

/// The tasks that do the lanes' work: each goes from one piece of work to the next, until there is none.
final class WorkerPool: Sendable {
    /// Shared with the loop; held for microseconds at a time.
    let lanes: Mutex<LanesStateMachine>
    let clocks = Clocks()
    private let store: GroupStore
    private let bell: Bell
    private let notify: @Sendable (ConsumerNotice) -> Void
    private let classify: @Sendable (any Error) -> Verdict
    private let handler: RecordHandler
    private let tasks = Mutex<[Int: Task<Void, Never>]>([:])

    init(
        _ settings: KeyedConsumerSettings,
        _ store: GroupStore,
        _ bell: Bell,
        notify: @escaping @Sendable (ConsumerNotice) -> Void,
        handler: @escaping RecordHandler
    ) {
        lanes = Mutex(LanesStateMachine(settings))
        self.store = store
        self.bell = bell
        self.notify = notify
        classify = settings.classify
        self.handler = handler
    }

    func spawn() {
        while let work = lanes.withLock({ lanes -> LaneWork? in
            let worker = lanes.newWorker()
            return lanes.take(for: worker, at: clocks.now)
        }) {
            tasks.withLock { tasks in
                // Safety: `cancelAll` cancels what is left of these tasks; each removes itself at its end, and cannot
                // do so before it is entered here.
                tasks[work.worker] = Task { await self.run(work) }
            }
        }
    }

    func cancel(_ workers: [Int]) {
        let cancelled = tasks.withLock { tasks in workers.compactMap { tasks[$0] } }
        for task in cancelled { task.cancel() }
    }

    /// Workers that have not ended in time end without effect; nothing waits for them.
    func cancelAll() {
        let rest = tasks.withLock { Array($0.values) }
        for task in rest { task.cancel() }
    }

    private func run(_ first: LaneWork) async {
        var next: LaneWork? = first
        while let work = next {
            let result = await perform(work.step)
            let settlement = lanes.withLockSoon { $0.settle(work, result, at: clocks.now) }
            for notice in settlement.notices { notify(notice) }
            if settlement.ringsLoop { bell.ring() }
            next = settlement.next
        }
        tasks.withLock { $0[first.worker] = nil }
    }

    private func perform(_ step: LaneWork.Step) async -> LaneWork.Result {
        switch step {
        case .handle(let consumed):
            do {
                return .handled(try await handler(consumed))
            } catch {
                return .handled(classify(error))
            }
        case .giveUp(let letters, let parking, let isNew):
            do throws(KafkaError) {
                return .gaveUp(try await store.giveUp(letters, parking: parking, isNew: isNew))
            } catch {
                return .failed("\(error)")
            }
        case .write(let entry):
            do throws(KafkaError) {
                try await store.write(entry)
                return .written
            } catch {
                return .failed("\(error)")
            }
        }
    }
}

/// Now, on both clocks: the steady one for waits, the wall clock for people.
struct Moment: Sendable {
    /// Since some point in the past; never goes back.
    let steady: Duration
    /// Milliseconds since 1970.
    let wall: Int64
}

struct Clocks: Sendable {
    private let start = ContinuousClock.now

    var now: Moment { Moment(steady: ContinuousClock.now - start, wall: Int64(Date.now.timeIntervalSince1970 * 1000)) }
}

extension Mutex where Value: ~Copyable {
    /// For a lock that is held for a microsecond at a time: a few attempts cost less than a wait in the kernel.
    func withLockSoon<Result>(_ body: (inout sending Value) -> sending Result) -> sending Result {
        // Limit: some microseconds; who holds it for longer, or was put aside with it, is waited for in the kernel.
        for _ in 0..<100 {
            if let result = withLockIfAvailable(body) { return result }
        }
        return withLock(body)
    }
}
