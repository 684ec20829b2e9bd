import FoundationEssentials
import TextOutput

/// How far a named replay has come: a record of the checkpoint topic, whose key is the name. The newest one counts.
package struct ReplayCheckpoint: Sendable, Equatable, Codable {
    package enum State: String, Sendable, Codable {
        /// A run is working on it, or was killed.
        case running
        case stopped, done
    }

    package struct Partition: Sendable, Equatable, Codable {
        var partition: Int32
        package var first: Int64
        var end: Int64
        /// Everything before this offset is done.
        package var next: Int64
    }

    /// The record's key.
    package var name = ""
    var run: String
    package var state: State
    /// Milliseconds since 1970.
    var startedAt: Int64
    var updatedAt: Int64
    package var request: ReplayRequest
    package var partitions: [Partition]
    var counts: ReplayCounts
    var version = Self.version

    private enum CodingKeys: String, CodingKey {
        case version, run, state, request, partitions, counts
        case startedAt = "started_at"
        case updatedAt = "updated_at"
    }

    private static let version = 1
    // Limit: a topic has at most some ten thousand partitions.
    private static let partitionsMax = 20_000
    private static let bytesMax = 4 << 20
    // Limit: all offsets of all partitions together fit into their type, and so do all counts of all runs.
    private static let offsetMax = Int64.max / Int64(partitionsMax)
    private static let countMax = 1 << 53

    package var value: [UInt8] { SortedJSON.bytes(self) }

    private struct Versioned: Decodable {
        let version: Int
    }
}

extension ReplayCheckpoint {
    package init(name: String, value: [UInt8]) throws(CheckpointError) {
        guard value.count <= Self.bytesMax else { throw .tooLarge }
        let data = Data(value)
        // First the version: another one may have other members.
        guard let version = try? JSONDecoder().decode(Versioned.self, from: data).version else { throw .malformed }
        guard version == Self.version else { throw .otherVersion(version) }
        guard let checkpoint = try? JSONDecoder().decode(Self.self, from: data), checkpoint.isSound else {
            throw .malformed
        }
        self = checkpoint
        self.name = name
    }

    private var isSound: Bool {
        let areSound = partitions.allSatisfy {
            $0.partition >= 0 && $0.first >= 0 && $0.first <= $0.next && $0.next <= max($0.end, $0.first)
                && $0.first <= Self.offsetMax && $0.end <= Self.offsetMax
        }
        let known = Set(partitions.map(\.partition))
        return areSound && known.count == partitions.count && partitions.count <= Self.partitionsMax
            && counts.all.allSatisfy { (0...Self.countMax).contains($0) }
    }

    package var window: ReplayWindow {
        ReplayWindow(
            stretches: partitions.map { .init(partition: $0.partition, first: $0.first, end: $0.end) },
            from: request.window.times.from,
            to: request.window.times.to
        )
    }
}

package enum CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
    case tooLarge, malformed
    case otherVersion(Int)

    package var description: String {
        switch self {
        case .tooLarge: "it is too large"
        case .malformed: "it was not written by a replay"
        case .otherVersion(let version): "it has version \(version), and this program knows 1"
        }
    }
}
