public import Kafka

/// What a consumer is doing at one moment.
public struct ConsumerFigures: Sendable {
    /// One assigned partition.
    public struct Partition: Sendable {
        /// Which one.
        public let partition: TopicPartition
        /// The offset of the first record that is not done.
        public let next: Int64
        /// Records of the partition that are not done, those included that were not read yet; `nil` until the broker
        /// has told.
        public internal(set) var lag: Int64?
        /// Records that wait or are being handled.
        public let waiting: Int
        /// When the first record that was read and is not done was written, in milliseconds since 1970.
        public let oldestTimestamp: Int64?
        /// Keys that are parked.
        public let parkedKeys: Int
        let done: RedrivenOffsets

        /// What is done beyond `next` is no lag.
        mutating func setEnd(_ end: Int64) {
            lag = max(0, end - next - done.count(in: next..<max(next, end)))
        }
    }

    /// What has happened so far.
    public let counts: ConsumerCounts
    /// The assigned partitions, in order.
    public internal(set) var partitions: [Partition]
    /// Calls that are running.
    public let running: Int
    /// Calls that may run at once now.
    public let lanesMax: Int
    /// Records that wait or are being handled.
    public let waiting: Int
    /// Their bytes.
    public let waitingBytes: Int
    /// Whether the group pauses.
    public let isPaused: Bool

    /// Keys that are parked in the assigned partitions.
    public var parkedKeys: Int { partitions.reduce(0) { $0 + $1.parkedKeys } }
}
