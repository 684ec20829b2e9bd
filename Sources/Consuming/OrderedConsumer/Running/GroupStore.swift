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
    ///
    /// What its topic will never take stops nobody: a new key whose entry is too large is not parked.
    func giveUp(
        _ letters: [(record: Record, letter: DeadLetter)],
        parking: ParkedKey?,
        isNew: Bool
    ) async throws(KafkaError) -> LaneWork.GivenUp {
        var given = LaneWork.GivenUp()
        if let parking, isNew { given.refusedParking = try await refusal(of: .parked(parking)) }
        for (index, (record, letter)) in letters.enumerated() {
            let (written, omitted) = try await send(letter, of: record)
            given.places.append(RecordPlace(partition: written.partition, offset: written.offset))
            given.omitted[index] = omitted
        }
        if let parking, given.refusedParking == nil, let last = given.places.last, let letter = letters.last?.letter {
            // A known key that has no room for this place stays parked as it is.
            _ = try await refusal(of: .parked(parking.noting(letter, at: last)))
        }
        return given
    }

    /// Why the state topic never takes an entry; nil if it did.
    private func refusal(of entry: StateEntry) async throws(KafkaError) -> String? {
        do throws(KafkaError) {
            try await write(entry)
            return nil
        } catch {
            guard error.isTooLarge else { throw error }
            let bytes = entry.key.bytes.count + (entry.value?.count ?? 0)
            return "its entry of \(bytes) bytes is larger than \(topics.state) takes"
        }
    }

    /// Writes a dead letter in the first form that its topic takes: whole, without a time that is refused, then without
    /// its value, its own headers, and its key. Returns the bytes of the value that it is without.
    private func send(
        _ letter: DeadLetter,
        of record: Record
    ) async throws(KafkaError) -> (RecordMetadata, omitted: Int?) {
        var (letter, record) = (letter, record)
        while true {
            let dead = letter.record(from: record, to: topics.deadLetters, withSpringHeaders: writesSpringHeaders)
            do throws(KafkaError) {
                return (try await send(dead), letter.omittedValueBytes)
            } catch {
                if error.isInvalidTimestamp, record.timestampMilliseconds != nil {
                    record.timestampMilliseconds = nil
                } else if error.isTooLarge, letter.omittedValueBytes == nil {
                    letter.omittedValueBytes = record.value?.count ?? 0
                } else if error.isTooLarge, !record.headers.isEmpty {
                    record.headers = []
                } else if error.isTooLarge, record.key != nil {
                    record.key = nil
                } else {
                    throw error
                }
            }
        }
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
