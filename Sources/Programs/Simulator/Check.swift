package import Kafka

/// What `simulate check` is asked to do.
package struct CheckOptions: Sendable {
    package var client: ClientSettings
    package var topic: String
    package var ledgerPath: String
    /// For reading the whole topic.
    package var deadline: Duration = .seconds(600)

    package init(client: ClientSettings, topic: String, ledgerPath: String) {
        self.client = client
        self.topic = topic
        self.ledgerPath = ledgerPath
    }
}

/// Why there is no verdict.
package enum CheckError: Error, Sendable, CustomStringConvertible {
    /// The deadline passed before every partition was read to its end.
    case incomplete(partitionsLeft: [Int32], lastError: KafkaError?)

    package var description: String {
        switch self {
        case .incomplete(let partitions, let error):
            "the deadline passed before partitions \(partitions.map(String.init).joined(separator: ", ")) were read"
                + (error.map { ": \($0)" } ?? "")
        }
    }
}

/// Reads the topic up to its end as at the start and holds the ledger against it.
///
/// Throws ``LedgerError``, `KafkaError` or ``CheckError`` when there is no verdict; what the verdict says is in the
/// summary. `progress` gets a line about once a second.
package func check(
    _ options: CheckOptions,
    progress: @Sendable (String) -> Void = { _ in }
) async throws -> CheckSummary {
    var check = LedgerCheck()
    let isCut = try LedgerReader(path: options.ledgerPath).read { entry throws(LedgerFlaw) in try check.add(entry) }
    let consumer = try Consumer(ConsumerSettings(client: options.client))
    defer { consumer.close() }
    var reading = TopicReading(deadline: ContinuousClock.now + options.deadline)
    try await reading.open(options.topic, consumer)
    try await reading.finish(consumer, progress: progress) { partition, offset, id in
        check.observe(partition: partition, offset: offset, id: id)
    }
    var summary = check.verdict()
    summary.isLedgerCut = isCut
    return summary
}

/// How far a topic has been read.
private struct TopicReading {
    let deadline: ContinuousClock.Instant
    /// For each unread partition the offset to read up to.
    private var ends: [Int32: Int64] = [:]
    private var recordsToRead: Int64 = 0
    private var recordsRead = 0
    private var lastError: KafkaError?

    // Limit: records and milliseconds of one batch.
    private static let batchRecordsMax = 5_000
    private static let batchMilliseconds = 250

    init(deadline: ContinuousClock.Instant) { self.deadline = deadline }

    mutating func open(_ topic: String, _ consumer: Consumer) async throws(KafkaError) {
        for partition in 0..<Int32(try await consumer.partitionCount(of: topic)) {
            let offsets = try await consumer.watermarks(of: topic, partition: partition)
            recordsToRead += offsets.upperBound - offsets.lowerBound
            if !offsets.isEmpty { ends[partition] = offsets.upperBound }
        }
        if !ends.isEmpty { try await consumer.assign(topic, from: .beginning, partitions: ends.keys.sorted()) }
    }

    mutating func finish(
        _ consumer: Consumer,
        progress: (String) -> Void,
        _ observe: (Int32, Int64, SimulatedID?) -> Void
    ) async throws {
        var nextLine = ContinuousClock.now + .seconds(1)
        while !ends.isEmpty {
            try Task.checkCancellation()
            guard ContinuousClock.now < deadline else {
                throw CheckError.incomplete(partitionsLeft: ends.keys.sorted(), lastError: lastError)
            }
            let batch = try await consumer.next(
                max: Self.batchRecordsMax,
                deadlineMilliseconds: Self.batchMilliseconds
            )
            take(batch, observe)
            if ContinuousClock.now >= nextLine {
                nextLine += .seconds(1)
                progress("\(recordsRead) of \(recordsToRead) records read")
            }
        }
    }

    private mutating func take(_ batch: ConsumerBatch, _ observe: (Int32, Int64, SimulatedID?) -> Void) {
        lastError = batch.errors.last ?? lastError
        for record in batch.records {
            guard let partition = record.partition, let offset = record.offset, let end = ends[partition] else {
                continue
            }
            // What came after the start belongs to nobody's ledger yet.
            if offset < end {
                recordsRead += 1
                observe(partition, offset, Self.eventID(of: record))
            }
            if offset + 1 >= end { ends[partition] = nil }
        }
        // Where the last offsets hold no records for readers, only this tells that the end was reached.
        for end in batch.ends where ends[end.partition].map({ end.offset >= $0 }) ?? false {
            ends[end.partition] = nil
        }
    }

    private static func eventID(of record: Record) -> SimulatedID? {
        guard let value = record.headers.first(where: { $0.name == "ce_id" })?.value else { return nil }
        return SimulatedID(value.span)
    }
}
