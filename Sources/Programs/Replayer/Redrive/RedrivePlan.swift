import Kafka
import NotionEvents
package import OrderedConsumer

/// A parked key's dead letters are sent in order up to the first that stays: to send later ones would break the order
/// that the key was parked for. Only when none stays does the last one say that the key is drained.
package struct RedrivePlan {
    package struct Key: Sendable {
        package let key: [UInt8]?
        package let letters: [Backlog.Waiting]
        /// Of a parked key: its dead letters up to here are known.
        package let known: RecordPlace?
        /// After the last one, the key is drained up to here.
        package let drained: RecordPlace?
        package var isParked: Bool { known != nil }
    }

    package private(set) var keys: [Key] = []
    package private(set) var filtered = 0
    package private(set) var exhausted = 0
    package private(set) var heldBack = 0

    /// `ends` are the offsets after the last records that were read; `done` are keys that this run leaves alone.
    package init(
        _ backlog: Backlog,
        state: StateSnapshot,
        ends: [Int32: Int64],
        options: RedriveOptions,
        except done: Set<[UInt8]> = []
    ) {
        for key in backlog.keys {
            let letters = backlog.letters(of: key)
            if let key, done.contains(key) { continue }
            let isParked = key.map { state.parked[.parked(topic: options.topics.topic, key: $0)] != nil } ?? false
            let chosen = chosen(letters, options, isParked: isParked)
            guard let last = chosen.last else { continue }
            let end = isParked ? ends[last.place.partition] : nil
            let known = end.map { RecordPlace(partition: last.place.partition, offset: $0 - 1) }
            let drained = chosen.count == letters.count ? known : nil
            keys.append(Key(key: key, letters: chosen, known: known, drained: drained))
        }
    }

    package var count: Int { keys.reduce(0) { $0 + $1.letters.count } }

    /// Of a parked key those before the first that stays; otherwise each that may be sent.
    private mutating func chosen(
        _ letters: [Backlog.Waiting],
        _ options: RedriveOptions,
        isParked: Bool
    ) -> [Backlog.Waiting] {
        var chosen: [Backlog.Waiting] = []
        for (index, letter) in letters.enumerated() {
            switch decide(letter, options, isFollower: isParked && index > 0) {
            case .sent:
                chosen.append(letter)
                continue
            case .filtered: filtered += 1
            case .exhausted: exhausted += 1
            }
            guard isParked else { continue }
            heldBack += letters.count - index - 1
            break
        }
        return chosen
    }

    private enum Decision {
        case sent, filtered, exhausted
    }

    /// Later dead letters of a parked key have the reason `parked`; a filter by the first one's reason includes them.
    private func decide(_ waiting: Backlog.Waiting, _ options: RedriveOptions, isFollower: Bool) -> Decision {
        let letter = waiting.letter
        if let entity = options.entity, waiting.original.key != Array(entity.utf8) { return .filtered }
        if let types = options.types {
            guard types.match(TypePatterns.type(ofHeader: waiting.original.header("ce_type"))) else { return .filtered }
        }
        let isWanted = options.reasons.isEmpty || options.reasons.contains(letter.reason.word)
        guard isWanted || isFollower && letter.reason == .parked else { return .filtered }
        return letter.redrives < options.redrivesMax ? .sent : .exhausted
    }
}
