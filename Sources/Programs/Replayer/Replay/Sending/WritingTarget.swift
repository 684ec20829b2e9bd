import Dispatch
package import Kafka

/// Hands a replay's records to a function: to be written, or only counted. They are done when another one has written
/// what the first has held back.
package final class WritingTarget: ReplayTarget {
    private let write: (Record) throws -> Void
    private let flush: () throws -> Void
    private let never = DispatchSemaphore(value: 0)
    private var settled: [Int] = []

    package init(_ write: @escaping (Record) throws -> Void, flush: @escaping () throws -> Void = {}) {
        self.write = write
        self.flush = flush
    }

    package func offer(_ record: inout Record, slot: Int) throws -> Bool {
        // Limit: as many as may wait to be told of; the ledger is not kept waiting for long.
        guard settled.count < 1_000 else { return false }
        try write(record)
        settled.append(slot)
        return true
    }

    package func settle(waitMilliseconds: Int, _ body: (Int, ReplayOutcome) -> Void) throws {
        guard !settled.isEmpty else {
            // Nothing comes by itself: whoever waits waits for time, on the replay's own thread.
            if waitMilliseconds > 0 { _ = never.wait(timeout: .now() + .milliseconds(waitMilliseconds)) }
            return
        }
        try flush()
        for slot in settled { body(slot, .sent) }
        settled.removeAll(keepingCapacity: true)
    }

    package func close() {}
}
