public import Kafka

/// How a ``KeyedConsumer`` works.
public struct KeyedConsumerSettings: Sendable {
    /// Membership of the group: cluster, id, assignor, time-outs.
    public var group: GroupConsumerSettings
    /// The topic that is read, and with it the names of the dead-letter topic and the topic of the group's state.
    public var topics: GroupTopics
    /// Creates these two where they are missing, with the brokers' default replication.
    public var createsTopics = true
    /// Calls of the handler that may run at once, over all partitions: how many keys, each with a lane of its own, are
    /// worked on at the same time. ``KeyedConsumer/setLanesMax(_:)`` changes it.
    public var lanesMax = 100
    /// Records that may wait or be handled at once, over all partitions, each of which has an equal share. A partition
    /// at its share is not read on; the others are.
    public var recordsMax = 10_000
    /// Bytes that these records may have together; one record of a partition is taken in any case.
    public var bytesMax = 64 << 20
    /// How far the newest record that was read may be ahead of the first unfinished one of its partition, in records.
    /// It bounds what has to be remembered, and what may be handled twice after a crash.
    public var aheadMax = 100_000
    /// How failed calls are repeated, as long as other records are done.
    public var retry = RetryPolicy(giveUpAfter: .seconds(86_400))
    /// Of how many keys records must fail, with none done between, before what the handler depends on is taken to be at
    /// fault. Then nothing is handed out but one record at a time, no failure counts as an attempt, and everything goes
    /// on once one is done. 0 never holds, but for ``Verdict/hold(_:after:)``.
    public var holdAfter = 3
    /// The longest pause between two such tries.
    public var probePauseMax = Duration.seconds(10)
    /// What an error thrown by the handler means; `retry` with its text unless said otherwise.
    public var classify: @Sendable (any Error) -> Verdict = { .retry("\($0)") }
    /// How long one call of the handler may take before its task is cancelled, which counts as a failed attempt; `nil`
    /// is no limit. A handler that does not end then holds its key up, and nothing else.
    public var handlerDeadline: Duration? = .seconds(60)
    /// What happens to a key after a dead letter.
    public var afterDeadLetter = AfterDeadLetter.park
    /// Keys that may be parked in all; one more waits, unfinished, until one is free. Raise it when it is reached: once
    /// the records of such keys fill their partition's share, what is redriven cannot be read any more either.
    public var parkedKeysMax = 100_000
    /// Adds the headers of Spring for Apache Kafka to dead letters.
    public var writesSpringHeaders = false
    /// Hands the handler only the newest of the records of a key that wait, with the others' ids.
    public var isCoalescing = false
    /// How long a record waits for older events of its key that come later; zero hands records out in the topic's
    /// order. A reader that is behind handles at most ``recordsMax`` records each window.
    public var reorderWindow = Duration.zero
    /// Ids that are remembered for each partition, to drop duplicates; 0 drops none. An event that was replayed is no
    /// duplicate of the first one, nor of other replays: only within one replay it can be one. After an assignment they
    /// are read back from as many records before the committed offset.
    public var dedupeWindow = 10_000
    /// Passes over what was replayed (`notion-relay replay`, ``ReplayMark``): for a service that must not do again
    /// what it has done, while other readers of the topic want to. What is redriven to this group is handled.
    public var skipsReplays = false
    /// Keys of each partition whose newest event is remembered, to mark late ones; 0 marks none.
    public var lateKeysMax = 10_000
    /// How often offsets are committed.
    public var commitInterval = Duration.seconds(1)
    /// How long running calls may go on when their partition leaves or the consumer stops, before they are cancelled.
    /// Keep it below the group's poll interval, which is how long a rebalance waits.
    public var drainDeadline = Duration.seconds(30)
    /// How long cancelled calls may take to end. What then still runs is handled again by the next member.
    public var cancelDeadline = Duration.seconds(2)
    /// How long the commit before a partition is let go may take.
    public var commitDeadline = Duration.seconds(5)

    /// Settings with defaults for a service that works on each event by itself.
    public init(_ group: GroupConsumerSettings, topics: GroupTopics) {
        self.group = group
        self.topics = topics
    }

    /// Settings of a member of `group` that reads `topic`; throws if these are no names.
    public init(client: ClientSettings, group: String, topic: String) throws(GroupTopicsError) {
        self.init(
            GroupConsumerSettings(client: client, group: group),
            topics: try GroupTopics(topic: topic, group: group)
        )
    }

    /// Limit: records that one coalesced call may stand for.
    var coalescedMax = 1_000

    var isReordering: Bool { reorderWindow > .zero }

    var rebalanceDeadlines: RebalanceStateMachine.Deadlines {
        RebalanceStateMachine.Deadlines(drain: drainDeadline, cancel: cancelDeadline, commit: commitDeadline)
    }
}

/// How often a failed event is tried again, and when.
///
/// Before attempt n+1 the lane waits `firstDelay` x 2^(n-1), at most `delayMax`, of which the second half is chance, so
/// that lanes that failed together do not come back together.
public struct RetryPolicy: Sendable, Equatable {
    /// Attempts after which the event becomes a dead letter; 0 is no limit.
    public var attemptsMax: Int
    /// How long after its first failure that is at the earliest.
    public var giveUpAfter: Duration
    /// The pause after the first failure.
    public var firstDelay: Duration
    /// The longest pause, unless the handler asks for more.
    public var delayMax: Duration

    /// A policy; the defaults give up after about six minutes.
    public init(
        attemptsMax: Int = 10,
        firstDelay: Duration = .milliseconds(500),
        delayMax: Duration = .seconds(120),
        giveUpAfter: Duration = .zero
    ) {
        self.attemptsMax = attemptsMax
        self.giveUpAfter = giveUpAfter
        self.firstDelay = firstDelay
        self.delayMax = delayMax
    }

    package func delay(
        afterAttempt attempt: Int,
        atLeast: Duration? = nil,
        _ random: inout some RandomNumberGenerator
    ) -> Duration {
        // Limit: the doubling ends at 2^30, far beyond any pause.
        let factor = 1 << min(max(attempt - 1, 0), 30)
        // Compared by division, which cannot overflow.
        let full = firstDelay > delayMax / factor ? delayMax : firstDelay * factor
        let share = Double.random(in: 0.5...1, using: &random)
        return max(full * share, atLeast ?? .zero)
    }

    package func isExhausted(_ attempts: Int) -> Bool { attemptsMax > 0 && attempts >= attemptsMax }

    /// `first` and `now` are milliseconds since 1970.
    func isExhausted(_ attempts: Int, since first: Int64?, at now: Int64) -> Bool {
        isExhausted(attempts) && .milliseconds(now - (first ?? now)) >= giveUpAfter
    }
}

/// What happens to a key after one of its records became a dead letter.
public enum AfterDeadLetter: String, Sendable, CaseIterable {
    /// Its later records follow into the dead letters until those are redriven, so that their order survives.
    case park
    /// Its later records are handled: for handlers that do not depend on order.
    case `continue`
}
