import Dispatch
import Kafka
import Synchronization

/// Writes dead letters and entries of the group's state. Everything is acknowledged by all in-sync replicas before a
/// call returns. A producer with a fatal error is replaced: the call that failed with it is retried by its lane.
final class GroupStore: Sendable {
    private let topics: GroupTopics
    private let writesSpringHeaders: Bool
    private let makeProducer: @Sendable () throws(KafkaError) -> Producer
    private let current: Mutex<Producer>

    init(
        _ topics: GroupTopics,
        writesSpringHeaders: Bool = false,
        makeProducer: @escaping @Sendable () throws(KafkaError) -> Producer
    ) throws(KafkaError) {
        self.topics = topics
        self.writesSpringHeaders = writesSpringHeaders
        self.makeProducer = makeProducer
        current = Mutex(try makeProducer())
    }

    var producer: Producer { current.withLock { $0 } }

    /// Writes dead letters of one key, in order. A new key's entry is written first, so that after a crash between the
    /// two later records still follow the failed one; and again with the place of the last dead letter.
    func giveUp(
        _ letters: [(record: Record, letter: DeadLetter)],
        parking: ParkedKey?,
        isNew: Bool
    ) async throws(KafkaError) -> [RecordPlace] {
        if let parking, isNew { try await write(.parked(parking)) }
        var places: [RecordPlace] = []
        for (record, letter) in letters {
            let dead = letter.record(from: record, to: topics.deadLetters, withSpringHeaders: writesSpringHeaders)
            let written = try await send(dead)
            places.append(RecordPlace(partition: written.partition, offset: written.offset))
        }
        if let parking, let last = places.last { try await write(.parked(parking.noting(last))) }
        return places
    }

    func write(_ entry: StateEntry) async throws(KafkaError) { _ = try await send(entry.record(to: topics.state)) }

    private func send(_ record: Record) async throws(KafkaError) -> RecordMetadata {
        let producer = self.producer
        do throws(KafkaError) {
            return try await producer.send(record)
        } catch {
            if error.isFatal || producer.fatalError != nil { replace(producer) }
            throw error
        }
    }

    /// The first of several callers replaces it. Closing blocks, so another thread does it; its queued records fail.
    private func replace(_ lost: Producer) {
        let isReplaced = current.withLock { current in
            guard current === lost, let new = try? makeProducer() else { return false }
            current = new
            return true
        }
        if isReplaced { DispatchQueue.global().async { lost.close() } }
    }

    func close() { producer.close() }
}
