import Dispatch
package import Kafka
package import OrderedConsumer
package import OutgoingWebhooks
import Synchronization

/// Posts records as `forward` does. A refused record is settled as failed, and its key goes on. A service that fails in
/// all attempts of a record ends the replay: requests in flight are still waited for, so as not to be sent again.
package final class URLTarget: ReplayTarget {
    private let poster: ServicePoster
    private let inbox = VerdictInbox()
    private let clock = ContinuousClock()
    private var machine: PostingStateMachine
    private var tasks: [Int: Task<Void, Never>] = [:]

    package init(_ settings: URLTargetSettings, now: @escaping @Sendable () -> Int64) throws {
        poster = try ServicePoster(settings.service, now: now)
        machine = PostingStateMachine(
            PostingStateMachine.Limits(recordsMax: settings.recordsMax, bytesMax: settings.bytesMax),
            retry: settings.retry
        )
    }

    package func offer(_ record: inout Record, slot: Int) throws -> Bool {
        advance()
        if let trouble = machine.trouble {
            // What has been sent must be settled first.
            guard !machine.hasSettled, machine.underWayCount == 0 else { return false }
            throw trouble
        }
        guard machine.offer(record, slot: slot) else { return false }
        begin()
        return true
    }

    package func settle(waitMilliseconds: Int, _ body: (_ slot: Int, _ outcome: ReplayOutcome) -> Void) throws {
        let deadline = clock.now + .milliseconds(waitMilliseconds)
        while true {
            advance()
            let settled = machine.takeSettled()
            for end in settled { body(end.slot, end.outcome) }
            if let trouble = machine.trouble, machine.underWayCount == 0 { throw trouble }
            let now = clock.now
            guard settled.isEmpty, now < deadline else { return }
            inbox.wait(atMost: now.duration(to: min(deadline, machine.nextDue ?? deadline)))
        }
    }

    package var givesUp: Bool { true }

    package func close() {
        for task in tasks.values { task.cancel() }
        tasks = [:]
        poster.close()
    }

    private func advance() {
        let now = clock.now
        for entry in inbox.takeAll() {
            tasks[entry.slot] = nil
            machine.finish(entry.slot, entry.verdict, at: now)
        }
        machine.wake(at: now)
        begin()
    }

    private func begin() {
        while let post = machine.take(underWayMax: poster.limit) {
            // Safety: it ends with its request, which has a time-out, and `close` cancels it.
            tasks[post.slot] = Task { [poster, inbox] in
                inbox.put(post.slot, await poster.post(EventRequest(post.record, attempt: post.attempt)))
            }
        }
    }
}

package struct URLTargetSettings: Sendable {
    package var service: ServiceSettings
    /// How a failed request is repeated. When its attempts are used up, the replay ends there.
    package var retry = RetryPolicy(attemptsMax: 10, firstDelay: .milliseconds(500), delayMax: .seconds(30))
    /// Limit: records that wait or are under way, and their bytes; one is taken in any case.
    package var recordsMax = 1_000
    package var bytesMax = 32 << 20

    /// With 64 requests at once, and pauses of up to five minutes.
    package init(_ service: ServiceSettings) {
        self.service = service
        self.service.requestsMax = 64
        self.service.retryAfterMax = .seconds(300)
    }
}

final class VerdictInbox: Sendable {
    struct Entry: Sendable {
        let slot: Int
        let verdict: AnswerVerdict
    }

    private let entries = Mutex<[Entry]>([])
    /// Signalled when the first entry comes into an empty inbox.
    private let arrival = DispatchSemaphore(value: 0)

    func put(_ slot: Int, _ verdict: AnswerVerdict) {
        let isFirst = entries.withLock { entries in
            entries.append(Entry(slot: slot, verdict: verdict))
            return entries.count == 1
        }
        if isFirst { arrival.signal() }
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
        _ = arrival.wait(timeout: .now() + .nanoseconds(nanoseconds))
    }
}
