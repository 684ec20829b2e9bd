import Kafka
import Synchronization

struct PartitionStart: Sendable {
    let partition: TopicPartition
    /// The first record to handle.
    let committed: Int64
    /// Where reading begins, at or before `committed`: for the ids and times of what was handled.
    let readFrom: Int64
    let doneAhead: CompletedOffsets
    let parked: [KeyBytes: ParkedKey]
    /// In the partition of the group's redrive topic that goes with it; nil if there is none.
    var redrives: RedrivesStart?

    init(
        _ partition: TopicPartition,
        committed: Int64,
        readFrom: Int64,
        doneAhead: CompletedOffsets? = nil,
        parked: [KeyBytes: ParkedKey] = [:],
        redrives: RedrivesStart? = nil
    ) {
        self.partition = partition
        self.committed = committed
        self.readFrom = readFrom
        self.doneAhead = doneAhead ?? CompletedOffsets(next: committed)
        self.parked = parked
        self.redrives = redrives
    }

    /// What has to be read, and from where on.
    var offsets: [TopicPartition: Int64] {
        var offsets = [partition: readFrom]
        if let redrives { offsets[redrives.partition] = redrives.committed }
        return offsets
    }
}

struct RedrivesStart: Sendable {
    let partition: TopicPartition
    let committed: Int64
    var doneAhead: CompletedOffsets?
}

/// Finds where assigned partitions begin, outside the loop, which takes the result when the bell rings.
final class PartitionStarts: Sendable {
    private let settings: KeyedConsumerSettings
    private let member: GroupConsumer
    private let follower: StateFollower
    private let bell: Bell
    private let notify: @Sendable (ConsumerNotice) -> Void
    private let result = Mutex<Result<[PartitionStart], any Error>?>(nil)

    init(
        _ settings: KeyedConsumerSettings,
        _ member: GroupConsumer,
        _ follower: StateFollower,
        _ bell: Bell,
        notify: @escaping @Sendable (ConsumerNotice) -> Void
    ) {
        self.settings = settings
        self.member = member
        self.follower = follower
        self.bell = bell
        self.notify = notify
    }

    func find(_ partitions: [TopicPartition]) {
        // Safety: delivers once and ends; all its calls have time-outs, and end when the clients are closed.
        Task {
            do {
                let starts = try await starts(of: partitions)
                result.withLock { $0 = .success(starts) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
            bell.ring()
        }
    }

    func take() -> Result<[PartitionStart], any Error>? { result.withLock { $0.take() } }

    /// Asks the brokers and the group's state: no other member may change them now.
    private func starts(of partitions: [TopicPartition]) async throws -> [PartitionStart] {
        guard !partitions.isEmpty else { return [] }
        try await follower.catchUp()
        let redrives = partitions.map { TopicPartition(topic: settings.topics.redrives, partition: $0.partition) }
        let committed = try await member.committed(partitions + redrives)
        var starts: [PartitionStart] = []
        for (partition, redrives) in zip(partitions, redrives) {
            let kept = try await member.watermarks(of: partition)
            var start = start(of: partition, committed[partition], kept, follower.parked(in: partition))
            start.redrives = try await redrivesStart(redrives, committed[redrives])
            starts.append(start)
        }
        return starts
    }

    /// Nil while the topic, or this partition of it, is missing: nothing can be redriven to it.
    private func redrivesStart(
        _ partition: TopicPartition,
        _ committed: CommittedOffset?
    ) async throws -> RedrivesStart? {
        let kept: Range<Int64>
        do {
            kept = try await member.watermarks(of: partition)
        } catch let error where error.isUnknownTopic {
            return nil
        }
        guard let committed else { return RedrivesStart(partition: partition, committed: kept.lowerBound) }
        let (begin, doneAhead) = next(of: partition, committed, kept)
        return RedrivesStart(partition: partition, committed: begin, doneAhead: doneAhead)
    }

    private func start(
        of partition: TopicPartition,
        _ committed: CommittedOffset?,
        _ kept: Range<Int64>,
        _ parked: [KeyBytes: ParkedKey]
    ) -> PartitionStart {
        guard let committed else {
            let begin = settings.group.start == .beginning ? kept.lowerBound : kept.upperBound
            return PartitionStart(partition, committed: begin, readFrom: begin, parked: parked)
        }
        let (begin, doneAhead) = next(of: partition, committed, kept)
        return PartitionStart(
            partition,
            committed: begin,
            readFrom: max(kept.lowerBound, begin - Int64(max(settings.dedupeWindow, 0))),
            doneAhead: doneAhead,
            parked: parked
        )
    }

    /// The first record to handle after a commit, and what is done beyond it. After a topic was deleted and created
    /// again, what was committed says nothing of the records that it has now.
    private func next(
        of partition: TopicPartition,
        _ committed: CommittedOffset,
        _ kept: Range<Int64>
    ) -> (begin: Int64, doneAhead: CompletedOffsets?) {
        guard committed.offset <= kept.upperBound else {
            notify(.beyondEnd(partition, committed: committed.offset, end: kept.upperBound))
            return (kept.lowerBound, nil)
        }
        guard committed.offset >= kept.lowerBound else { return (kept.lowerBound, nil) }
        return (committed.offset, CompletedOffsets(text: committed.metadata, next: committed.offset))
    }
}
