public import Kafka

/// What a consumer is doing at one moment.
public struct ConsumerFigures: Sendable {
    /// One assigned partition.
    public struct Partition: Sendable {
        /// Which one.
        public let partition: TopicPartition
        /// The offset of the first record that is not done.
        public let next: Int64
        /// Records of the partition that are not done, read or not; `nil` until the broker has told.
        public internal(set) var lag: Int64?
        /// Records that wait or are being handled.
        public let waiting: Int
        /// When the first record that was read and is not done was written, in milliseconds since 1970.
        public let oldestTimestamp: Int64?
        /// Keys that are parked.
        public let parkedKeys: Int
        let done: CompletedOffsets

        /// What is done beyond `next` is no lag.
        mutating func setEnd(_ end: Int64) { lag = max(0, end - next - done.count(in: next..<max(next, end))) }
    }

    /// What has happened so far.
    public let counts: ConsumerCounts
    /// The assigned partitions, in order.
    public internal(set) var partitions: [Partition]
    /// Calls that are running.
    public let running: Int
    /// Calls of the handler that may run at once now.
    public let lanesMax: Int
    /// Records that wait or are being handled.
    public let waiting: Int
    /// Their bytes.
    public let waitingBytes: Int
    /// Whether the group pauses.
    public let isPaused: Bool
    /// Why nothing is handed out but single tries; nil while there is no such reason.
    public let hold: Hold?

    /// Keys that are parked in the assigned partitions.
    public var parkedKeys: Int { partitions.reduce(0) { $0 + $1.parkedKeys } }
}

/// What a consumer has done since it was made. Each count only grows.
public struct ConsumerCounts: Sendable, Equatable {
    /// Records that the handler was done with, superseded ones included.
    public internal(set) var handled = 0
    /// Records that the handler skipped.
    public internal(set) var skipped = 0
    /// Older records that coalesced calls stood for.
    public internal(set) var superseded = 0
    /// Calls that failed and were to be made again.
    public internal(set) var retries = 0
    /// Calls that were cancelled at the handler's deadline.
    public internal(set) var overdue = 0
    /// Records that were given up, by the word of their reason.
    public internal(set) var deadLetters: [String: Int] = [:]
    /// Failed attempts to write a dead letter or an entry of the group's state.
    public internal(set) var storeFailures = 0
    /// Times that a key could not be parked because the limit was reached.
    public internal(set) var refusedParkings = 0
    /// Records that were dropped because their id was known.
    public internal(set) var duplicates = 0
    /// Calls with a record that was late.
    public internal(set) var late = 0
    /// Records that were redriven for another group.
    public internal(set) var forOthers = 0
    /// Records that were replayed, and passed over for that.
    public internal(set) var skippedReplays = 0
    /// Records that an earlier member was done with beyond the committed offset.
    public internal(set) var handledBefore = 0
    /// Calls that were running when their partition was taken away: their records are handled again elsewhere.
    public internal(set) var abandoned = 0
    /// Rebalances in which partitions came or went.
    public internal(set) var rebalances = 0
    /// Commits that failed.
    public internal(set) var commitFailures = 0
    /// Times that everything was held.
    public internal(set) var holds = 0
    /// For how long, in all.
    public internal(set) var heldTime = Duration.zero
}

/// What the handler depends on is in trouble: single records are tried until one is done.
public struct Hold: Sendable, Equatable {
    /// Since when, in milliseconds since 1970.
    public let sinceMilliseconds: Int64
    /// What the last failure was, in one line for people.
    public let cause: String
    /// Records that wait in this member.
    public let waiting: Int

    init(_ trouble: BreakerStateMachine.Trouble, waiting: Int) {
        sinceMilliseconds = trouble.since
        cause = trouble.cause
        self.waiting = waiting
    }
}
