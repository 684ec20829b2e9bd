import Dispatch
package import Kafka

/// Called on the replay's thread only. Records of one key are offered in order, and are to arrive in order: the next
/// one may not be on its way before the one ahead of it can no longer come later.
package protocol ReplayTarget: AnyObject {
    /// False if there is no room now; never blocks. A record that was taken may have lost its headers, which saves a
    /// copy. Each taken slot is settled exactly once. Throws when nothing more can be sent, which ends the replay.
    func offer(_ record: inout Record, slot: Int) throws -> Bool

    /// Calls `body` with each slot that is settled, in any order; waits at most that long for the first one. Throws
    /// when nothing more can be sent, which ends the replay; `body` may have been called before.
    func settle(waitMilliseconds: Int, _ body: (_ slot: Int, _ outcome: ReplayOutcome) -> Void) throws

    /// The last error that may explain why nothing is settled, for people.
    var trouble: String? { get }

    /// Whether it throws by itself when nothing can be sent for long; otherwise the replay ends.
    var givesUp: Bool { get }

    /// Abandons what is not settled, and frees everything. Blocks for some milliseconds.
    func close()
}

extension ReplayTarget {
    package var trouble: String? { nil }
    package var givesUp: Bool { false }
}

package enum ReplayOutcome: Sendable, Equatable {
    case sent
    /// The target refused it for good; the replay goes on without it. The line for people says why.
    case failed(String)
}

/// Why nothing more can be sent. What was sent stays sent, and a resumed replay goes on behind it.
package struct ReplayTargetError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Records to be written, or only counted. They are settled once `flush` has been called.
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
        // Limit: records that may wait to be settled: few, since the records in flight are limited too.
        guard settled.count < 1_000 else { return false }
        try write(record)
        settled.append(slot)
        return true
    }

    package func settle(waitMilliseconds: Int, _ body: (Int, ReplayOutcome) -> Void) throws {
        guard !settled.isEmpty else {
            // There is nothing to wait for but time, on the replay's own thread.
            if waitMilliseconds > 0 { _ = never.wait(timeout: .now() + .milliseconds(waitMilliseconds)) }
            return
        }
        try flush()
        for slot in settled { body(slot, .sent) }
        settled.removeAll(keepingCapacity: true)
    }

    package func close() {}
}
