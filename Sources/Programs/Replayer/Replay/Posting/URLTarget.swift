package import Kafka
import OutgoingWebhooks

/// Posts a replay's records to a service, as `forward` does: each as a signed request, one at a time for each key, and
/// as many keys at once as the service bears.
///
/// A refusal is the record's end, and its key goes on. A service that does not answer well in all attempts ends the
/// replay: what is under way then is still waited for, so that it need not be sent again.
package final class URLTarget: ReplayTarget {
    private let poster: ServicePoster
    private let inbox = VerdictInbox()
    private let clock = ContinuousClock()
    private var schedule: PostSchedule
    /// By slot.
    private var tasks: [Int: Task<Void, Never>] = [:]

    /// A target with a client of its own; `now` is milliseconds since 1970.
    package init(_ settings: URLTargetSettings, now: @escaping @Sendable () -> Int64) throws {
        poster = try ServicePoster(settings.service, now: now)
        schedule = PostSchedule(
            PostSchedule.Limits(recordsMax: settings.recordsMax, bytesMax: settings.bytesMax),
            retry: settings.retry
        )
    }

    package func offer(_ record: inout Record, slot: Int) throws -> Bool {
        goOn()
        if let trouble = schedule.trouble {
            // What has been sent is to be told first.
            guard !schedule.hasSettled, schedule.underWayCount == 0 else { return false }
            throw trouble
        }
        guard schedule.offer(record, slot: slot) else { return false }
        begin()
        return true
    }

    package func settle(waitMilliseconds: Int, _ body: (_ slot: Int, _ outcome: ReplayOutcome) -> Void) throws {
        let deadline = clock.now + .milliseconds(waitMilliseconds)
        while true {
            goOn()
            let settled = schedule.takeSettled()
            for end in settled { body(end.slot, end.outcome) }
            if let trouble = schedule.trouble, schedule.underWayCount == 0 { throw trouble }
            let now = clock.now
            guard settled.isEmpty, now < deadline else { return }
            inbox.wait(atMost: now.duration(to: min(deadline, schedule.nextDue ?? deadline)))
        }
    }

    package var givesUp: Bool { true }

    package func close() {
        for task in tasks.values { task.cancel() }
        tasks = [:]
        poster.close()
    }

    /// Takes note of what has come, and begins what may begin.
    private func goOn() {
        let now = clock.now
        for entry in inbox.takeAll() {
            tasks[entry.slot] = nil
            schedule.finish(entry.slot, entry.verdict, at: now)
        }
        schedule.wake(at: now)
        begin()
    }

    private func begin() {
        while let post = schedule.take(underWayMax: poster.limit) {
            // Safety: it ends with its request, which has a time-out, and `close` cancels it.
            tasks[post.slot] = Task { [poster, inbox] in
                inbox.put(post.slot, await poster.post(EventRequest(post.record, attempt: post.attempt)))
            }
        }
    }
}
