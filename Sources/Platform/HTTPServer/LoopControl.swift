import HTTPFraming
import Synchronization

/// What other threads hold of a loop: its bell, its counters, and when it has to be done.
final class LoopControl: Sendable {
    let counters = LoopCounters()
    let wake: WakeDescriptor
    /// Shared by all loops; nil where clients have no limit of their own.
    let addresses: AddressCounts?
    private let deadline = Atomic<UInt64>(.max)

    init(addresses: AddressCounts?) throws(ServerError) {
        self.addresses = addresses
        wake = try WakeDescriptor()
    }

    deinit {
        wake.close()
    }

    /// The end of the drain in monotonic nanoseconds.
    var drainDeadline: UInt64 { deadline.load(ordering: .acquiring) }

    func drain(until nanoseconds: UInt64) {
        deadline.store(nanoseconds, ordering: .releasing)
        wake.ring()
    }
}
