import Kafka

extension KeyedConsumer {
    /// Where partitions that were assigned begin, and what is known of them: asked of the brokers and of the group's
    /// state, both as they are now that no other member may change them.
    func starts(of partitions: [TopicPartition], _ follower: StateFollower) async throws -> [PartitionStart] {
        guard !partitions.isEmpty else { return [] }
        try await follower.catchUp()
        let committed = try await member.committed(partitions)
        var starts: [PartitionStart] = []
        for partition in partitions {
            let there = try await member.watermarks(of: partition)
            starts.append(start(of: partition, committed[partition], there, follower.parked(in: partition)))
        }
        return starts
    }

    private func start(
        of partition: TopicPartition,
        _ committed: CommittedOffset?,
        _ there: Range<Int64>,
        _ parked: [KeyBytes: ParkedKey]
    ) -> PartitionStart {
        guard let committed else {
            let begin = settings.group.start == .beginning ? there.lowerBound : there.upperBound
            return PartitionStart(partition, committed: begin, readFrom: begin, parked: parked)
        }
        // After a topic was deleted and made again, what was committed says nothing of the records that are there now.
        guard committed.offset <= there.upperBound else {
            notify(.beyondEnd(partition, committed: committed.offset, end: there.upperBound))
            return PartitionStart(partition, committed: there.lowerBound, readFrom: there.lowerBound, parked: parked)
        }
        let begin = max(committed.offset, there.lowerBound)
        return PartitionStart(
            partition,
            committed: begin,
            readFrom: max(there.lowerBound, begin - Int64(max(settings.dedupeWindow, 0))),
            doneAhead: begin == committed.offset
                ? CompletedOffsets(text: committed.metadata, next: committed.offset) : nil,
            parked: parked
        )
    }
}
