internal import Synchronization

/// A number that only grows. Counting is one relaxed atomic addition.
package final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    package init() {}

    package var value: UInt64 { count.load(ordering: .relaxed) }

    package func increment(by amount: Int = 1) {
        precondition(amount >= 0, "A counter never goes down.")
        count.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    /// Takes over a total that is counted elsewhere, such as in librdkafka's statistics.
    package func set(total: UInt64) {
        count.store(total, ordering: .relaxed)
    }
}
