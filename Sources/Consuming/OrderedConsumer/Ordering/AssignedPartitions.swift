import Kafka

/// A member's partitions. Each may be known by two names: of the topic, and of the group's redrive topic.
struct AssignedPartitions {
    private let rules: KeyedConsumerSettings
    private var works: [TopicPartition: PartitionWork] = [:]
    private var epochs = 0

    init(_ rules: KeyedConsumerSettings) { self.rules = rules }

    var count: Int { works.count }

    var figures: [ConsumerFigures.Partition] { works.values.map(\.figures).sorted { $0.partition < $1.partition } }

    /// By the topic's partition.
    subscript(partition: TopicPartition) -> PartitionWork? { works[partition] }

    func find(_ partition: TopicPartition) -> (PartitionWork, PartitionWork.Source)? {
        if let work = works[partition] { return (work, .topic) }
        let own = TopicPartition(topic: rules.topics.topic, partition: partition.partition)
        guard let work = works[own], work.redrives == partition else { return nil }
        return (work, .redrives)
    }

    mutating func begin(_ start: PartitionStart) -> PartitionWork {
        precondition(works[start.partition] == nil, "A partition is assigned once.")
        epochs += 1
        let work = PartitionWork(start, epoch: epochs, rules)
        works[start.partition] = work
        return work
    }

    mutating func end(_ work: PartitionWork) {
        works[work.id] = nil
        work.hasEnded = true
    }

    func busyCount(in leaving: [TopicPartition]) -> Int { leaving.reduce(0) { $0 + (works[$1]?.lanes.count ?? 0) } }

    /// Marks the running calls of these partitions, and returns their workers.
    func cancel(in leaving: [TopicPartition]) -> [Int] {
        leaving.flatMap { partition in
            (works[partition]?.lanes.values.filter { $0.state == .running && !$0.isCancelling } ?? []).map { lane in
                lane.isCancelling = true
                return lane.worker
            }
        }
    }

    /// What can be committed and is not yet, of both topics.
    func commits(_ wanted: [TopicPartition]?, metadataBytesMax: Int) -> [TopicPartition: CommittedOffset] {
        var commits: [TopicPartition: CommittedOffset] = [:]
        for partition in wanted ?? Array(works.keys) {
            let found = works[partition]?.commits(metadataBytesMax: metadataBytesMax) ?? [:]
            commits.merge(found) { $1 }
        }
        return commits
    }

    func note(committed: [TopicPartition: CommittedOffset]) {
        for (partition, offset) in committed {
            if let (work, source) = find(partition) { work.note(offset, of: source) }
        }
    }
}
