import Kafka
import OrderedConsumer
import OutgoingWebhooks
import TestSupport

@testable import Replayer

/// A ``PostSchedule`` as an object, so that expectations can call what changes it.
final class PostScheduleUnderTest {
    var schedule: PostSchedule

    init(
        _ limits: PostSchedule.Limits = .init(),
        retry: RetryPolicy = RetryPolicy(attemptsMax: 3, firstDelay: .seconds(1), delayMax: .seconds(30)),
        seed: UInt64 = 1
    ) {
        schedule = PostSchedule(limits, retry: retry, random: SeededGenerator(seed: seed))
    }

    func offer(_ record: Record, slot: Int) -> Bool { schedule.offer(record, slot: slot) }

    func take(_ underWayMax: Int = 100) -> PostSchedule.Post? { schedule.take(underWayMax: underWayMax) }

    /// All that may begin now.
    func begun(_ underWayMax: Int = 100) -> [Int] {
        var slots: [Int] = []
        while let post = take(underWayMax) { slots.append(post.slot) }
        return slots
    }

    func finish(_ slot: Int, _ verdict: AnswerVerdict, at now: ContinuousClock.Instant = .now) {
        schedule.finish(slot, verdict, at: now)
    }

    func wake(at now: ContinuousClock.Instant) { schedule.wake(at: now) }

    func settled() -> [PostSchedule.Settled] { schedule.takeSettled() }
}

extension Record {
    /// An event of the topic `t`.
    static func event(_ key: String?, id: String = "a-1", value: Int = 2) -> Record {
        Record(
            topic: "t",
            key: key.map { Array($0.utf8) },
            headers: [.init(name: "ce_id", value: Array(id.utf8))],
            value: Array(repeating: 0x61, count: value)
        )
    }
}
