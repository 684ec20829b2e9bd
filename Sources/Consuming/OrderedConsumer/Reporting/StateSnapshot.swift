package import Kafka

/// A group's state, as far as its topic was read.
package struct StateSnapshot: Sendable, Equatable {
    /// The parked keys.
    package private(set) var parked: [StateKey: ParkedKey] = [:]
    /// The redriven dead letters by partition of the dead-letter topic.
    package private(set) var redriven: [Int32: CompletedOffsets] = [:]
    /// The pause, if the group pauses.
    package private(set) var pause: Pause?
    /// How many records were of another kind, version or topic.
    package private(set) var unreadable = 0

    private let topic: String

    /// The state of a group on this topic, before anything was read.
    package init(topic: String) {
        self.topic = topic
    }

    /// Takes a record of the state topic in; the newest of each key counts, so they come in their order.
    package mutating func apply(_ record: Kafka.Record) {
        guard let entry = StateEntry(record: record) else {
            unreadable += 1
            return
        }
        switch entry {
        case .parked(let key) where key.topic == topic: parked[entry.key] = key
        case .redriven(let partition, let offsets): redriven[partition] = offsets
        case .paused(let pause): self.pause = pause
        case .gone(.parked(topic, _)): parked[entry.key] = nil
        case .gone(.redriven(let partition)): redriven[partition] = nil
        case .gone(.paused): pause = nil
        case .parked, .gone: unreadable += 1
        }
    }
}
