package import Kafka

extension TopicReading {
    /// Hands out the records of all partitions from a record time on, in milliseconds since 1970, in order within each
    /// partition. If there are more than `recordsMax`, each partition has a fair share, its newest ones; then the
    /// result is false.
    ///
    /// Throws ``GroupReportError/noTopic(_:)`` when there is no such topic.
    package func readNewest(
        since milliseconds: Int64,
        recordsMax: Int,
        _ take: (Kafka.Record) -> Void
    ) async throws -> Bool {
        // A full prefetch is looked at when a broker answers something, and else once a second: see ARCHITECTURE.md.
        let consumer = try Consumer(ConsumerSettings(client: client, metadataRefreshMilliseconds: 50))
        defer { consumer.close() }
        let partitions = try await partitions(consumer)
        let starts = try await consumer.ask(within: silenceMax) { () throws(KafkaError) in
            try await consumer.offsets(
                of: topic,
                partitions: partitions,
                // A negative time would mean the beginning or the end to the brokers.
                atMilliseconds: max(0, milliseconds),
                timeout: silenceMax
            )
        }
        var wanted: [Int32: Range<Int64>] = [:]
        for partition in partitions {
            let kept = try await consumer.watermarks(of: topic, partition: partition, timeout: silenceMax)
            let range = max(starts[partition] ?? kept.lowerBound, kept.lowerBound)..<kept.upperBound
            if starts[partition] ?? kept.lowerBound < kept.upperBound { wanted[partition] = range }
        }
        let counts = wanted.mapValues { Int64($0.count) }
        let shares = Self.shares(of: counts, recordsMax: Int64(recordsMax))
        for (partition, range) in wanted {
            let start = range.upperBound - (shares[partition] ?? 0)
            wanted[partition] = start..<range.upperBound
            guard start < range.upperBound else { continue }
            try await consumer.assign(topic, from: .offset(start), partitions: [partition], timeout: silenceMax)
        }
        let ends = wanted.filter { !$0.value.isEmpty }.mapValues(\.upperBound)
        let all = try await read(consumer, upTo: ends, total: shares.values.reduce(0, +), recordsMax: recordsMax, take)
        return all && shares == counts
    }

    private func partitions(_ consumer: Consumer) async throws -> [Int32] {
        do throws(KafkaError) {
            return try await Array(0..<Int32(consumer.partitionCount(of: topic, timeout: silenceMax)))
        } catch {
            throw error.isUnknownTopic ? GroupReportError.noTopic(topic) : error
        }
    }

    /// How many records of each partition are read: what one leaves of its share goes to those that have more.
    static func shares(of counts: [Int32: Int64], recordsMax: Int64) -> [Int32: Int64] {
        var shares: [Int32: Int64] = [:]
        var left = max(0, recordsMax)
        var waiting = Int64(counts.count)
        for (partition, count) in counts.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
            let share = min(count, left / waiting)
            shares[partition] = share
            left -= share
            waiting -= 1
        }
        return shares
    }
}
