/// Reads a topic up to the ends that its partitions have when the reading begins. No consumer group, no commits.
package struct TopicReader: Sendable {
    /// When the reading fails although ends are left.
    package enum Limit: Sendable {
        /// The brokers have sent nothing for so long.
        case silence(Duration)
        /// The reading has taken so long.
        case total(Duration)

        var duration: Duration {
            switch self {
            case .silence(let duration), .total(let duration): duration
            }
        }
    }

    /// How far a topic has been read.
    package struct Progress: Sendable, Equatable {
        package let topic: String
        /// Records read so far.
        package let records: Int64
        /// As many as there can be; fewer in a compacted topic.
        package let recordsMax: Int64
    }

    private let client: ClientSettings
    private let topic: String
    /// How long the brokers may take for an answer.
    private let timeout: Duration
    private let limit: Limit
    private let progress: @Sendable (Progress) -> Void

    /// Without a limit of its own, reading fails when the brokers have sent nothing for the length of the timeout.
    package init(
        client: ClientSettings,
        topic: String,
        timeout: Duration = .seconds(10),
        limit: Limit? = nil,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.client = client
        self.topic = topic
        self.timeout = timeout
        self.limit = limit ?? .silence(timeout)
        self.progress = progress
    }

    /// Hands out the records of all partitions, in order within each, at most `recordsMax`. False if there were more.
    ///
    /// Throws ``TopicReaderError`` or `KafkaError`.
    @discardableResult
    package func readAll(recordsMax: Int = .max, _ take: (Record) -> Void) async throws -> Bool {
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        let kept = try await kept(consumer, try await partitions(consumer))
        let wanted = kept.filter { !$0.value.isEmpty }
        progress(Progress(topic: topic, records: 0, recordsMax: Self.sum(wanted)))
        guard !wanted.isEmpty else { return true }
        try await consumer.assign(topic, from: .beginning, partitions: wanted.keys.sorted(), timeout: timeout)
        return try await read(consumer, wanted, recordsMax: recordsMax, take)
    }

    /// Hands out the newest records, in order within each partition: those from a record time on, in milliseconds since
    /// 1970, at most `eachMax` of each of the first `partitionsMax` partitions. If these are more than `recordsMax`,
    /// each partition has a fair share. False if there were more.
    ///
    /// Throws ``TopicReaderError`` or `KafkaError`.
    @discardableResult
    package func readNewest(
        since milliseconds: Int64? = nil,
        eachMax: Int = .max,
        partitionsMax: Int = .max,
        recordsMax: Int = .max,
        _ take: (Record) -> Void
    ) async throws -> Bool {
        // A full prefetch is looked at when a broker answers something, and else once a second: docs/internals.md.
        let consumer = try Consumer(ConsumerSettings(client: client, metadataRefreshMilliseconds: 50))
        defer { consumer.close() }
        let there = try await since(milliseconds, partitionsMax, consumer)
        let counts = there.mapValues { min(Int64($0.count), Int64(eachMax)) }
        let shares = Self.shares(of: counts, recordsMax: Int64(recordsMax))
        var wanted: [Int32: Range<Int64>] = [:]
        for (partition, range) in there {
            guard let share = shares[partition], share > 0 else { continue }
            let start = range.upperBound - share
            wanted[partition] = start..<range.upperBound
            try await consumer.assign(topic, from: .offset(start), partitions: [partition], timeout: timeout)
        }
        let all = try await read(consumer, wanted, recordsMax: .max, take)
        return all && shares == there.mapValues { Int64($0.count) }
    }

    /// How many records there are from a record time on, by offsets: without compaction that is their number.
    package func count(since milliseconds: Int64, partitionsMax: Int = .max) async throws -> Int {
        let consumer = try Consumer(ConsumerSettings(client: client))
        defer { consumer.close() }
        return Int(clamping: Self.sum(try await since(milliseconds, partitionsMax, consumer)))
    }

    /// The time of the first record at or after each offset; partitions without one are missing.
    package func times(at offsets: [Int32: Int64]) async throws -> [Int32: Int64] {
        try await records(at: offsets).compactMapValues(\.timestampMilliseconds)
    }

    /// The first record at or after each offset; partitions without one are missing.
    package func records(at offsets: [Int32: Int64]) async throws -> [Int32: Record] {
        guard !offsets.isEmpty else { return [:] }
        // Limit: one record of each partition is wanted, and no more than a fetch is brought for it.
        let consumer = try Consumer(ConsumerSettings(client: client, prefetchKibibytesMax: 1024))
        defer { consumer.close() }
        let there = try await kept(consumer, try await partitions(consumer).filter { offsets[$0] != nil })
        let wanted = offsets.filter { partition, offset in there[partition].map { offset < $0.upperBound } ?? false }
        for (partition, offset) in wanted {
            try await consumer.assign(topic, from: .offset(offset), partitions: [partition], timeout: timeout)
        }
        var wait = Wait(limit)
        var open = Set(wanted.keys)
        var records: [Int32: Record] = [:]
        while !open.isEmpty {
            let batch = try await next(consumer, open, &wait)
            for record in batch.records {
                guard let partition = record.partition, open.remove(partition) != nil else { continue }
                records[partition] = record
            }
            for end in batch.ends { open.remove(end.partition) }
        }
        return records
    }

    private func partitions(_ consumer: Consumer) async throws -> [Int32] {
        do throws(KafkaError) {
            return try await Array(0..<Int32(consumer.partitionCount(of: topic, timeout: timeout)))
        } catch {
            throw error.isUnknownTopic ? TopicReaderError.noTopic(topic) : error
        }
    }

    private func kept(_ consumer: Consumer, _ partitions: [Int32]) async throws(KafkaError) -> [Int32: Range<Int64>] {
        try await retrying(consumer) { () throws(KafkaError) in
            try await consumer.watermarks(of: topic, partitions: partitions, timeout: timeout)
        }
    }

    /// The offsets of the records from a time on, without partitions that have none.
    private func since(
        _ milliseconds: Int64?,
        _ partitionsMax: Int,
        _ consumer: Consumer
    ) async throws -> [Int32: Range<Int64>] {
        let partitions = try await Array(partitions(consumer).prefix(partitionsMax))
        var starts: [Int32: Int64] = [:]
        if let milliseconds {
            starts = try await retrying(consumer) { () throws(KafkaError) in
                // A negative time would mean the beginning or the end to the brokers.
                let time = max(0, milliseconds)
                return try await consumer.offsets(
                    of: topic,
                    partitions: partitions,
                    atMilliseconds: time,
                    timeout: timeout
                )
            }
        }
        var wanted: [Int32: Range<Int64>] = [:]
        for (partition, range) in try await kept(consumer, partitions) {
            let start = max(starts[partition] ?? range.lowerBound, range.lowerBound)
            if start < range.upperBound { wanted[partition] = start..<range.upperBound }
        }
        return wanted
    }

    /// Asks the brokers something, and again while they say that it is a matter of time: a topic that was just created,
    /// or whose leader changes, has none for a moment. Before anything is assigned, so that waiting for records is no
    /// more than waiting.
    private func retrying<Answer: Sendable>(
        _ consumer: Consumer,
        _ question: () async throws(KafkaError) -> Answer
    ) async throws(KafkaError) -> Answer {
        let deadline = ContinuousClock.now + timeout
        while true {
            do throws(KafkaError) {
                return try await question()
            } catch {
                guard error.isRetriable, !error.isTimedOut, .now < deadline else { throw error }
            }
            _ = try await consumer.next(deadlineMilliseconds: 100)
        }
    }

    /// Hands out what an assigned consumer has in these ranges, at most `recordsMax`. False if there were more.
    private func read(
        _ consumer: Consumer,
        _ wanted: [Int32: Range<Int64>],
        recordsMax: Int,
        _ take: (Record) -> Void
    ) async throws -> Bool {
        var wait = Wait(limit)
        var open = wanted.mapValues(\.upperBound)
        var read = 0
        while !open.isEmpty {
            let batch = try await next(consumer, Set(open.keys), &wait)
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
            for end in batch.ends where end.offset >= open[end.partition] ?? .max { open[end.partition] = nil }
            progress(Progress(topic: topic, records: Int64(read), recordsMax: Self.sum(wanted)))
        }
        return true
    }

    /// When waiting ends, and the last error meanwhile.
    private struct Wait {
        let limit: Limit
        private(set) var deadline: ContinuousClock.Instant
        var lastError: KafkaError?

        init(_ limit: Limit) {
            self.limit = limit
            deadline = .now + limit.duration
        }

        mutating func noteArrival() { if case .silence = limit { deadline = .now + limit.duration } }
    }

    /// The next batch that has something in it. Errors that librdkafka works on by itself may come first.
    private func next(_ consumer: Consumer, _ open: Set<Int32>, _ wait: inout Wait) async throws -> ConsumerBatch {
        while true {
            try Task.checkCancellation()
            let left = max(.zero, ContinuousClock.now.duration(to: wait.deadline))
            // Limit: a task that was cancelled notices it after so many milliseconds.
            let batch = try await consumer.next(deadlineMilliseconds: min(500, Int(left / .milliseconds(1))))
            wait.lastError = batch.errors.last ?? wait.lastError
            guard batch.records.isEmpty, batch.ends.isEmpty else {
                wait.noteArrival()
                return batch
            }
            guard .now < wait.deadline else {
                if case .silence = limit { throw TopicReaderError.silent(topic: topic, wait.lastError) }
                throw TopicReaderError.unfinished(topic: topic, partitions: open.sorted(), wait.lastError)
            }
        }
    }

    private static func sum(_ ranges: [Int32: Range<Int64>]) -> Int64 {
        ranges.values.reduce(0) { $0 + Int64($1.count) }
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

/// Why a topic could not be read.
package enum TopicReaderError: Error, Sendable, Equatable {
    /// There is no such topic.
    case noTopic(String)
    /// The brokers sent nothing for too long; the last thing that Kafka said about it, if anything.
    case silent(topic: String, KafkaError?)
    /// The deadline passed before these partitions were read to their ends.
    case unfinished(topic: String, partitions: [Int32], KafkaError?)
}

extension TopicReaderError: CustomStringConvertible {
    /// A line for people.
    package var description: String {
        switch self {
        case .noTopic(let name):
            "there is no topic \"\(name)\": look for a slip in its name, create it first, or grant this user Read on it"
        case .silent(let topic, let error):
            "\(topic) could not be read to its end: \(error?.message ?? "the brokers send nothing"); "
                + (error?.remedy(toRead: topic) ?? "try again")
        case .unfinished(let topic, let partitions, let error):
            "\(topic): the deadline passed before partitions \(partitions.map(String.init).joined(separator: ", ")) "
                + "were read" + (error.map { ": \($0)" } ?? "")
        }
    }
}
