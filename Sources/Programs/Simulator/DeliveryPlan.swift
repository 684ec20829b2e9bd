/// A function of seed and index, so that connections need no common queue.
package struct DeliveryPlan: Sendable {
    package enum Fate: Sendable, Equatable {
        case plain
        /// Sent once more after its acknowledgement: with the next request, or some requests later.
        case duplicatedAtOnce
        case duplicatedLater
        case tampered
    }

    package let factory: DeliveryFactory
    package let count: Int
    package let connections: Int
    package let duplicateShare: Double
    package let tamperShare: Double
    private let connectionOfEntity: [UInt16]

    package init(
        factory: DeliveryFactory,
        count: Int,
        connections: Int,
        duplicateShare: Double = 0,
        tamperShare: Double = 0
    ) {
        precondition(count >= 0, "A run has no negative length.")
        precondition((1...65_536).contains(connections), "A run has 1 to 65,536 connections.")
        self.factory = factory
        self.count = count
        self.connections = connections
        self.duplicateShare = duplicateShare
        self.tamperShare = tamperShare
        connectionOfEntity = (0..<factory.entityCount).map { index in
            var random = SeededRandom(seed: 0x4C41_4E45, stream: UInt64(index))
            return UInt16(random.below(connections))
        }
    }

    package func connection(ofEntity entityIndex: Int) -> Int { Int(connectionOfEntity[entityIndex]) }

    package func fate(at index: Int) -> Fate {
        var random = fateRandom(at: index)
        if random.chance(tamperShare) { return .tampered }
        guard random.chance(duplicateShare) else { return .plain }
        return random.chance(0.5) ? .duplicatedAtOnce : .duplicatedLater
    }

    package func tamperedBody(at index: Int) -> [UInt8] {
        var random = fateRandom(at: index)
        _ = random.next()
        return factory.delivery(at: index).tamperedBody(using: &random)
    }

    private func fateRandom(at index: Int) -> SeededRandom {
        SeededRandom(seed: factory.seed ^ 0x4641_5445, stream: UInt64(index))
    }
}

/// When Notion retries. Its delays are not published; these fit what is known: eight attempts, the last about 24 hours
/// after the first (60 s, then each gap 3.154 times the one before).
package struct RetrySchedule: Sendable {
    package static let attemptsMax = 8
    private static let firstGapSeconds = 60.0
    private static let ratio = 3.154

    /// The wait after the attempt of that number (1 is the first) less one.
    private let gaps: [Duration]

    /// Seconds of the simulator for one of Notion's: by default the first retry comes after 0.1 s.
    package init(timeScale: Double = 1.0 / 600) {
        precondition(timeScale >= 0, "Time does not run backward.")
        var seconds = Self.firstGapSeconds * timeScale
        gaps = (1..<Self.attemptsMax).map { _ in
            defer { seconds *= Self.ratio }
            return .seconds(seconds)
        }
    }

    /// The wait after that attempt has failed; nil after the last.
    package func gap(after attempt: Int) -> Duration? { gaps.indices.contains(attempt - 1) ? gaps[attempt - 1] : nil }
}
