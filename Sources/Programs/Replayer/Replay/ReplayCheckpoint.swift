import FoundationEssentials
import OrderedConsumer
import TextOutput

/// How far a named replay has come: one record of the topic of replays, whose key is the name. The newest counts.
package struct ReplayCheckpoint: Sendable, Equatable {
    package enum State: String, Sendable, Codable {
        /// Somebody is at it, or was killed.
        case running
        /// It was stopped, and can be resumed.
        case stopped
        /// Nothing is left.
        case done
    }

    /// One partition's part of the window.
    package struct Partition: Sendable, Equatable, Codable {
        package var partition: Int32
        package var first: Int64
        package var end: Int64
        /// Everything before this offset is done.
        package var next: Int64

        package init(partition: Int32, first: Int64, end: Int64, next: Int64) {
            self.partition = partition
            self.first = first
            self.end = end
            self.next = next
        }
    }

    package var name: String
    /// The run that wrote it.
    package var run: String
    package var state: State
    /// Milliseconds since 1970.
    package var startedAt: Int64
    package var updatedAt: Int64
    package var request: ReplayRequest
    package var partitions: [Partition]
    package var counts: ReplayCounts

    package init(
        name: String,
        run: String,
        state: State,
        startedAt: Int64,
        updatedAt: Int64,
        request: ReplayRequest,
        partitions: [Partition],
        counts: ReplayCounts
    ) {
        self.name = name
        self.run = run
        self.state = state
        self.startedAt = startedAt
        self.updatedAt = updatedAt
        self.request = request
        self.partitions = partitions
        self.counts = counts
    }

    /// The window, as it was fixed when the replay began.
    package var window: ReplayWindow {
        ReplayWindow(
            stretches: partitions.map { .init(partition: $0.partition, first: $0.first, end: $0.end) },
            from: request.window.times.from,
            to: request.window.times.to
        )
    }
}

// Its record's value: JSON with sorted keys.
extension ReplayCheckpoint: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, run, state, request, partitions, counts
        case startedAt = "started_at"
        case updatedAt = "updated_at"
    }

    private static let version = 1
    // Limit: a topic has at most some ten thousand partitions.
    private static let partitionsMax = 20_000
    private static let bytesMax = 4 << 20

    package var value: [UInt8] {
        SortedJSON.bytes(self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.version, forKey: .version)
        try container.encode(run, forKey: .run)
        try container.encode(state, forKey: .state)
        try container.encode(startedAt, forKey: .startedAt)
        try container.encode(updatedAt, forKey: .updatedAt)
        try container.encode(request, forKey: .request)
        try container.encode(partitions, forKey: .partitions)
        try container.encode(counts, forKey: .counts)
    }

    /// Reads a value; the name is the record's key.
    package init(name: String, value: [UInt8]) throws(CheckpointError) {
        guard value.count <= Self.bytesMax else { throw .tooLarge }
        let decoder = JSONDecoder()
        decoder.userInfo[.checkpointName] = name
        do {
            self = try decoder.decode(Self.self, from: Data(value))
        } catch {
            throw error as? CheckpointError ?? .malformed
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .version)
        guard version == Self.version else { throw CheckpointError.otherVersion(version) }
        name = decoder.userInfo[.checkpointName] as? String ?? ""
        run = try container.decode(String.self, forKey: .run)
        state = try container.decode(State.self, forKey: .state)
        startedAt = try container.decode(Int64.self, forKey: .startedAt)
        updatedAt = try container.decode(Int64.self, forKey: .updatedAt)
        request = try container.decode(ReplayRequest.self, forKey: .request)
        partitions = try container.decode([Partition].self, forKey: .partitions)
        counts = try container.decode(ReplayCounts.self, forKey: .counts)
        let known = Set(partitions.map(\.partition))
        let isSound = partitions.allSatisfy {
            $0.partition >= 0 && $0.first >= 0 && $0.first <= $0.next && $0.next <= max($0.end, $0.first)
        }
        guard isSound, known.count == partitions.count, partitions.count <= Self.partitionsMax else {
            throw CheckpointError.malformed
        }
    }
}

extension CodingUserInfoKey {
    fileprivate static var checkpointName: CodingUserInfoKey {
        guard let key = CodingUserInfoKey(rawValue: "name") else {
            preconditionFailure("Any text names a piece of user information.")
        }
        return key
    }
}

/// Why a checkpoint cannot be read.
package enum CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
    case tooLarge
    case malformed
    case otherVersion(Int)

    package var description: String {
        switch self {
        case .tooLarge: "it is too large"
        case .malformed: "it is not what a replay writes"
        case .otherVersion(let version): "it has version \(version), and this program knows 1"
        }
    }
}
