package import Kafka

/// Reads partitions of a topic up to the ends that they have when it begins, or up to a limit.
package struct TopicReading {
    let client: ClientSettings
    let topic: String
    /// How long the brokers may send nothing.
    let silenceMax: Duration
    let progress: @Sendable (ReadingProgress) -> Void

    package init(
        client: ClientSettings,
        topic: String,
        silenceMax: Duration,
        progress: @escaping @Sendable (ReadingProgress) -> Void
    ) {
        self.client = client
        self.topic = topic
        self.silenceMax = silenceMax
        self.progress = progress
    }

    /// Hands out the records of all partitions, in order within each, at most `recordsMax`. False if there were more.
    package func readAll(partitions: Int, recordsMax: Int, _ take: (Kafka.Record) -> Void) async throws -> Bool {
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        var ends: [Int32: Int64] = [:]
        var total: Int64 = 0
        for partition in 0..<Int32(partitions) {
            let kept = try await consumer.watermarks(of: topic, partition: partition, timeout: silenceMax)
            if !kept.isEmpty { ends[partition] = kept.upperBound }
            total += kept.upperBound - kept.lowerBound
        }
        progress(ReadingProgress(topic: topic, records: 0, recordsMax: total))
        guard !ends.isEmpty else { return true }
        try await consumer.assign(topic, from: .beginning, partitions: ends.keys.sorted(), timeout: silenceMax)
        return try await read(consumer, upTo: ends, total: total, recordsMax: recordsMax, take)
    }

    /// Hands out what an assigned consumer has before these ends, at most `recordsMax`. False if there were more.
    func read(
        _ consumer: Consumer,
        upTo ends: [Int32: Int64],
        total: Int64,
        recordsMax: Int,
        _ take: (Kafka.Record) -> Void
    ) async throws -> Bool {
        var open = ends
        var read = 0
        while !open.isEmpty {
            let batch = try await next(consumer)
            for record in batch.records {
                guard let partition = record.partition, let offset = record.offset, let end = open[partition] else {
                    continue
                }
                if offset < end {
                    guard read < recordsMax else { return false }
                    read += 1
                    take(record)
                }
                if offset >= end - 1 { open[partition] = nil }
            }
            // What was compacted away at the end of a partition shows in its end only.
            for end in batch.ends { open[end.partition] = nil }
            progress(ReadingProgress(topic: topic, records: Int64(read), recordsMax: total))
        }
        return true
    }

    /// The time of the first record at or after each offset; partitions without one are missing.
    package func times(at offsets: [Int32: Int64]) async throws -> [Int32: Int64] {
        guard !offsets.isEmpty else { return [:] }
        // Limit: one record of each partition is wanted, and no more than a fetch is brought for it.
        let consumer = try Consumer(ConsumerSettings(client: client, prefetchKibibytesMax: 1024))
        defer { consumer.close() }
        for (partition, offset) in offsets {
            try await consumer.assign(topic, from: .offset(offset), partitions: [partition], timeout: silenceMax)
        }
        var open = Set(offsets.keys)
        var times: [Int32: Int64] = [:]
        while !open.isEmpty {
            let batch = try await next(consumer)
            for record in batch.records {
                guard let partition = record.partition, open.remove(partition) != nil else { continue }
                times[partition] = record.timestampMilliseconds
            }
            for end in batch.ends { open.remove(end.partition) }
        }
        return times
    }

    /// The next batch that has something in it. Errors that librdkafka works on by itself may come first.
    private func next(_ consumer: Consumer) async throws -> ConsumerBatch {
        let clock = ContinuousClock()
        let deadline = clock.now + silenceMax
        var lastError: KafkaError?
        while true {
            let left = max(.zero, deadline - clock.now)
            let batch = try await consumer.next(deadlineMilliseconds: Int(left / .milliseconds(1)))
            guard batch.records.isEmpty, batch.ends.isEmpty else { return batch }
            lastError = batch.errors.last ?? lastError
            guard clock.now < deadline else { throw GroupReportError.silent(topic: topic, lastError) }
        }
    }
}
