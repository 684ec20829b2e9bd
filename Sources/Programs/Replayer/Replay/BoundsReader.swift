import Kafka

/// Asks the brokers what a window depends on. Reads no record but the oldest of a partition, for its time.
struct BoundsReader {
    let client: ClientSettings
    let topic: String
    var timeout: Duration = .seconds(10)

    func read(_ request: WindowRequest) async throws -> [PartitionBounds] {
        let partitions = try await partitionCount()
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        let all = Array(0..<Int32(partitions))
        var (atFrom, atTo): ([Int32: Int64], [Int32: Int64]) = ([:], [:])
        if case .times(let from, let to) = request {
            if let from { atFrom = try await offsets(consumer, all, from) }
            if let to {
                let (late, overflow) = to.addingReportingOverflow(ReplayWindow.disorderMaxMilliseconds)
                if !overflow { atTo = try await offsets(consumer, all, late) }
            }
        }
        // The ends come last: a record that came after a look-up by time must not lie before the window's end.
        let kept = try await consumer.watermarks(of: topic, partitions: all, timeout: timeout)
        let oldest = try await oldestTimes(request, kept)
        return all.map { partition in
            PartitionBounds(
                partition: partition,
                kept: kept[partition] ?? 0..<0,
                atFrom: atFrom[partition],
                atTo: atTo[partition],
                oldest: oldest[partition]
            )
        }
    }

    private func partitionCount() async throws -> Int {
        let admin = try Admin(client)
        defer { admin.close() }
        guard let found = try await admin.describeTopics([topic], includingConfig: false)[topic] else {
            throw ReplayError.noTopic(topic)
        }
        return found.partitionCount
    }

    private func offsets(_ consumer: Consumer, _ partitions: [Int32], _ time: Int64) async throws -> [Int32: Int64] {
        try await consumer.offsets(of: topic, partitions: partitions, atMilliseconds: time, timeout: timeout)
    }

    /// Only where something has been deleted, and a window could have begun before that.
    private func oldestTimes(_ request: WindowRequest, _ kept: [Int32: Range<Int64>]) async throws -> [Int32: Int64] {
        guard case .times(_?, _) = request else { return [:] }
        let shortened = kept.filter { $0.value.lowerBound > 0 && !$0.value.isEmpty }.mapValues(\.lowerBound)
        return try await TopicReader(client: client, topic: topic, timeout: timeout).times(at: shortened)
    }
}
