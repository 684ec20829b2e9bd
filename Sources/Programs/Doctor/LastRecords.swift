import Kafka
import OrderedConsumer

/// Reads the last few records of each partition of a topic.
struct LastRecords {
    let client: ClientSettings
    let topic: String
    let timeout: Duration

    // Limit: records of a partition, and partitions; what is wanted is the newest of each kind.
    private static let eachMax: Int64 = 25
    private static let partitionsMax: Int32 = 64

    /// In order within each partition. What did not come in time is missing.
    func read() async throws -> [Record] {
        let consumer = try Consumer(ConsumerSettings(client: client, prefetchKibibytesMax: 1024))
        defer { consumer.close() }
        let partitions = Int32(clamping: try await consumer.partitionCount(of: topic, timeout: timeout))
        var ends: [Int32: Int64] = [:]
        for partition in 0..<min(partitions, Self.partitionsMax) {
            let kept = try await consumer.watermarks(of: topic, partition: partition, timeout: timeout)
            guard !kept.isEmpty else { continue }
            ends[partition] = kept.upperBound
            let first = max(kept.lowerBound, kept.upperBound - Self.eachMax)
            try await consumer.assign(topic, from: .offset(first), partitions: [partition], timeout: timeout)
        }
        return try await read(consumer, to: ends)
    }

    private func read(_ consumer: Consumer, to wanted: [Int32: Int64]) async throws -> [Record] {
        var ends = wanted
        var records: [Record] = []
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        while !ends.isEmpty, clock.now < deadline {
            let left = Int((deadline - clock.now) / .milliseconds(1))
            let batch = try await consumer.next(deadlineMilliseconds: min(500, max(1, left)))
            for record in batch.records {
                guard let partition = record.partition, let offset = record.offset else { continue }
                records.append(record)
                if offset + 1 >= ends[partition] ?? 0 { ends[partition] = nil }
            }
            for end in batch.ends { ends[end.partition] = nil }
        }
        return records
    }

    /// How many records are there from a time on, by offsets: in a topic without compaction that is their number.
    func count(since milliseconds: Int64) async throws -> Int {
        let consumer = try Consumer(ConsumerSettings(client: client, prefetchKibibytesMax: 1024))
        defer { consumer.close() }
        let count = Int32(clamping: try await consumer.partitionCount(of: topic, timeout: timeout))
        let partitions = Array(0..<min(count, Self.partitionsMax))
        let starts = try await consumer.offsets(
            of: topic,
            partitions: partitions,
            atMilliseconds: milliseconds,
            timeout: timeout
        )
        var sum: Int64 = 0
        for (partition, start) in starts {
            let kept = try await consumer.watermarks(of: topic, partition: partition, timeout: timeout)
            sum += max(0, kept.upperBound - max(start, kept.lowerBound))
        }
        return Int(clamping: sum)
    }
}
