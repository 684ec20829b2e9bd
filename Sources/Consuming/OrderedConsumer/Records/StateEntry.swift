public import Kafka

/// A record of a group's state topic: the newest one of each key counts.
public enum StateEntry: Sendable, Equatable {
    /// A key is parked.
    case parked(ParkedKey)
    /// These dead letters of a partition of the dead-letter topic have been redriven.
    case redriven(partition: Int32, RedrivenOffsets)
    /// The group pauses.
    case paused(Pause)
    /// This is no longer so: the key is not parked, the dead letters count as never redriven, the group runs.
    case gone(StateKey)

    /// What it is about.
    public var key: StateKey {
        switch self {
        case .parked(let parked): .parked(topic: parked.topic, key: parked.key)
        case .redriven(let partition, _): .redriven(partition: partition)
        case .paused: .paused
        case .gone(let key): key
        }
    }

    /// The record's value: JSON with sorted keys, so that equal entries are equal bytes. Nil for what is gone.
    public var value: [UInt8]? {
        switch self {
        case .parked(let parked): StateDocument.encoded(ParkedDocument(parked))
        case .redriven(_, let offsets): StateDocument.encoded(RedrivenDocument(offsets))
        case .paused(let pause): StateDocument.encoded(PauseDocument(pause))
        case .gone: nil
        }
    }

    /// The record for a group's state topic.
    public func record(to topic: String) -> Kafka.Record {
        Kafka.Record(topic: topic, key: key.bytes, value: value)
    }

    /// Reads a record of a state topic. Nil for one of another kind or version, which a reader counts and leaves alone.
    public init?(record: Kafka.Record) {
        guard let key = record.key.flatMap({ StateKey(bytes: $0) }) else { return nil }
        guard let value = record.value else {
            self = .gone(key)
            return
        }
        let entry: StateEntry? =
            switch key {
            case .parked(let topic, let key):
                StateDocument.decoded(ParkedDocument.self, value)?.parkedKey(topic: topic, key: key)
                    .map { .parked($0) }
            case .redriven(let partition):
                StateDocument.decoded(RedrivenDocument.self, value)?.offsets
                    .map { .redriven(partition: partition, $0) }
            case .paused:
                StateDocument.decoded(PauseDocument.self, value)?.pause
                    .map { .paused($0) }
            }
        guard let entry else { return nil }
        self = entry
    }
}
