import Kafka

/// Reads a window: all partitions at once, each up to its end and not beyond, in one order. For one thread.
struct WindowReader {
    // Limit: records held at once, and a partition's share: few, so that they are in the processor's cache when sent.
    private static let recordsMax = 6_000
    private static let shareMax = 32
    // Limit: fetched ahead over all partitions, and for one: more leaves the processor's cache before it is read.
    private static let prefetchKibibytesMax = 24_576
    private static let partitionKibibytesMin = 256
    /// How often a client that may not fetch more looks again whether it may.
    private static let refreshMilliseconds = 50

    private let topic: String
    private let consumer: Consumer
    private let share: Int
    private var merge: PartitionMerge
    private var ends: [Int32: Int64] = [:]
    private(set) var fetched: [Int32: Int64] = [:]
    private(set) var next: [Int32: Int64] = [:]
    /// Where the next record was expected but lay further on: others were compacted away, or deleted meanwhile.
    private(set) var gaps: [Int32: Int64] = [:]
    private(set) var lastError: KafkaError?
    private var silentSince: ContinuousClock.Instant?

    init(_ client: ClientSettings, topic: String, window: ReplayWindow, next: [Int32: Int64]) async throws {
        let open = window.stretches.filter { (next[$0.partition] ?? $0.first) < $0.end }
        consumer = try Consumer(
            ConsumerSettings(
                client: client,
                prefetchKibibytesMax: max(Self.partitionKibibytesMin, Self.prefetchKibibytesMax / max(1, open.count)),
                metadataRefreshMilliseconds: Self.refreshMilliseconds
            )
        )
        self.topic = topic
        share = max(16, min(Self.shareMax, Self.recordsMax / max(1, open.count)))
        merge = PartitionMerge(partitions: open.map(\.partition))
        for stretch in window.stretches {
            ends[stretch.partition] = stretch.end
            self.next[stretch.partition] = next[stretch.partition] ?? stretch.first
            fetched[stretch.partition] = self.next[stretch.partition]
        }
        for stretch in open {
            try await consumer.assign(
                topic,
                from: .offset(next[stretch.partition] ?? stretch.first),
                partitions: [stretch.partition],
                separately: true
            )
        }
    }

    var isFinished: Bool { merge.isFinished }

    var awaited: Set<Int32> { merge.starving }

    func silence(_ now: ContinuousClock.Instant) -> Duration { silentSince.map { now - $0 } ?? .zero }

    /// The next record; nil when it has not been read yet, and at the end.
    mutating func record() -> Record? {
        guard let record = merge.next() else { return nil }
        silentSince = nil
        if let partition = record.partition, let offset = record.offset { next[partition] = offset + 1 }
        return record
    }

    /// Reads what is missing for the next record; waits for a part of it at most that long. A blocking call.
    mutating func read(waitMilliseconds: Int) throws(KafkaError) {
        var hasWaited = false
        for partition in merge.starving.sorted() {
            // Only the first is waited for: the others' records arrive meanwhile.
            let wait = hasWaited ? 0 : waitMilliseconds
            hasWaited = true
            try read(partition, wait)
        }
        if !merge.starving.isEmpty { silentSince = silentSince ?? .now }
    }

    private mutating func read(_ partition: Int32, _ waitMilliseconds: Int) throws(KafkaError) {
        var batch = try consumer.poll(topic, partition: partition, max: share, deadlineMilliseconds: waitMilliseconds)
        lastError = batch.errors.last ?? lastError
        guard let end = ends[partition], !batch.records.isEmpty || !batch.ends.isEmpty else { return }
        var records = batch.takeRecords()
        if let last = records.last?.offset, let first = records.first?.offset {
            if first > fetched[partition] ?? 0 { gaps[partition] = fetched[partition] }
            fetched[partition] = last + 1
            silentSince = nil
        }
        var isAtEnd = fetched[partition] ?? 0 >= end || batch.ends.contains { $0.offset >= end }
        if let beyond = records.firstIndex(where: { $0.offset ?? 0 >= end }) {
            records.removeSubrange(beyond...)
            isAtEnd = true
        }
        let isEmpty = records.isEmpty
        merge.supply(partition, consume records)
        guard isAtEnd else { return }
        merge.finish(partition)
        if isEmpty { next[partition] = end }
    }

    /// Offsets that were deleted before they could be read, for people. `gaps` are those of the reading that has ended.
    func lost(_ gaps: [Int32: Int64]) async throws -> [String] {
        var lines: [String] = []
        for (partition, offset) in gaps.sorted(by: { $0.key < $1.key }) {
            let kept = try await consumer.watermarks(of: topic, partition: partition)
            guard kept.lowerBound > offset else { continue }
            lines.append("partition \(partition): offsets \(offset) to \(kept.lowerBound - 1) were deleted meanwhile")
        }
        return lines
    }

    func close() { consumer.close() }
}
