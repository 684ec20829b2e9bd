import Kafka
import Operations

/// Where `tail` begins: at a point of the whole topic, or some records before each partition's end.
enum TailStart {
    case position(Position)
    case last(Int)

    /// Of the two settings the one that was given more closely counts; two that are equally close contradict.
    init(_ settings: ResolvedSettings) throws(UsageError) {
        let from = settings.source(.tailFrom)
        let last = settings.source(.tailLast)
        if let count = settings.int(ifSet: .tailLast), last.rank >= from.rank {
            guard last.rank > from.rank else {
                throw UsageError("\(last) and \(from) both say where to start; leave one of them out")
            }
            self = .last(count)
            return
        }
        switch settings.position(.tailFrom) {
        case .beginning: self = .position(.beginning)
        case .end: self = .position(.end)
        case .time(let milliseconds): self = .position(.timestamp(milliseconds: milliseconds))
        }
    }

    /// Starts reading there, and returns the partitions.
    func assign(_ topic: String, _ consumer: Consumer) async throws -> [Int32] {
        do {
            return try await start(topic, consumer)
        } catch {
            guard error.isUnknownTopic else { throw error }
            throw CommandFailure(
                "there is no topic \(topic); is --topic right? notion-relay topics apply creates the relay's topics"
            )
        }
    }

    private func start(_ topic: String, _ consumer: Consumer) async throws(KafkaError) -> [Int32] {
        switch self {
        case .position(let position): return try await consumer.assign(topic, from: position)
        case .last(let count):
            let partitions = Array(0..<Int32(try await consumer.partitionCount(of: topic)))
            for partition in partitions {
                let kept = try await consumer.watermarks(of: topic, partition: partition)
                let start = max(kept.lowerBound, kept.upperBound - Int64(count))
                try await consumer.assign(topic, from: .offset(start), partitions: [partition])
            }
            return partitions
        }
    }
}

extension SettingSource {
    /// What is given for one run goes before what is given for all.
    fileprivate var rank: Int {
        switch self {
        case .standard: 0
        case .file: 1
        case .environment: 2
        case .flag: 3
        }
    }
}
