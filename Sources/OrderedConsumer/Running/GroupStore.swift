import Kafka

/// Writes what a group leaves behind: dead letters, and entries of its state. Everything is acknowledged by all in-sync
/// replicas before a call returns.
struct GroupStore: Sendable {
    let producer: Producer
    let topics: GroupTopics
    let writesSpringHeaders: Bool

    /// Writes dead letters of one key, in order. The key's entry is written first if it is new, so that a crash between
    /// the two leaves later records behind the failed one all the same; and again with the place of the last one.
    func giveUp(
        _ letters: [(record: Record, letter: DeadLetter)],
        parking: ParkedKey?,
        isNew: Bool
    ) async throws(KafkaError) -> [RecordPlace] {
        if let parking, isNew { try await write(.parked(parking)) }
        var places: [RecordPlace] = []
        for (record, letter) in letters {
            let dead = letter.record(from: record, to: topics.deadLetters, withSpringHeaders: writesSpringHeaders)
            let written = try await producer.send(dead)
            places.append(RecordPlace(partition: written.partition, offset: written.offset))
        }
        if let parking, let last = places.last { try await write(.parked(parking.noting(last))) }
        return places
    }

    func write(_ entry: StateEntry) async throws(KafkaError) {
        _ = try await producer.send(entry.record(to: topics.state))
    }
}
