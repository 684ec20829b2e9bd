import HTTPFraming
import Synchronization

/// What other threads hold of a loop: its bell, its counters, and when it has to be done.
final class LoopControl: Sendable {
    let counters = LoopCounters()
    let wake: WakeDescriptor
    private let wakeups = Mutex<[WakeDescriptor]>([])
    private let deadline = Atomic<UInt64>(.max)

    init() throws(ServerError) {
        wake = try WakeDescriptor()
    }

    deinit {
        wake.close()
        for wakeup in wakeups.withLock({ $0 }) {
            wakeup.close()
        }
    }

    /// Keeps a descriptor open as long as the server or the loop lives: others may ring it after the loop's end, and
    /// must not ring somebody else's descriptor of the same number.
    func keep(_ wakeup: WakeDescriptor) {
        wakeups.withLock { $0.append(wakeup) }
    }

    /// The end of the drain in monotonic nanoseconds.
    var drainDeadline: UInt64 { deadline.load(ordering: .acquiring) }

    func drain(until nanoseconds: UInt64) {
        deadline.store(nanoseconds, ordering: .releasing)
        wake.ring()
    }
}
