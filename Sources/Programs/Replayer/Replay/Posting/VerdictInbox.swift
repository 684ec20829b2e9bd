import Dispatch
import OutgoingWebhooks
import Synchronization

/// What became of requests, on its way from their tasks to the replay's thread.
final class VerdictInbox: Sendable {
    struct Entry: Sendable {
        let slot: Int
        let verdict: AnswerVerdict
    }

    private let entries = Mutex<[Entry]>([])
    /// Rung when the first entry comes into an empty inbox.
    private let bell = DispatchSemaphore(value: 0)

    func put(_ slot: Int, _ verdict: AnswerVerdict) {
        let isFirst = entries.withLock { entries in
            entries.append(Entry(slot: slot, verdict: verdict))
            return entries.count == 1
        }
        if isFirst { bell.signal() }
    }

    func takeAll() -> [Entry] {
        entries.withLock { entries in
            defer { entries = [] }
            return entries
        }
    }

    /// Blocks until something has come, or for that long. It may return early for what was taken already.
    func wait(atMost time: Duration) {
        let (seconds, attoseconds) = max(time, .zero).components
        // Limit: waits are of seconds; a day cannot overflow.
        let nanoseconds = Int(min(seconds, 86_400)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        _ = bell.wait(timeout: .now() + .nanoseconds(nanoseconds))
    }
}
