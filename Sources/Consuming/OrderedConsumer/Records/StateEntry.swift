internal import FoundationEssentials
public import Kafka
import TextOutput
internal import Timestamps

/// A record of a group's state topic: the newest one of each key counts.
public enum StateEntry: Sendable, Equatable {
    /// A key is parked.
    case parked(ParkedKey)
    /// These dead letters of a partition of the dead-letter topic have been redriven. `lastFailure`, in milliseconds
    /// since 1970, is that of the dead letter at the highest of the offsets: in a topic that was made again it differs.
    case redriven(partition: Int32, CompletedOffsets, lastFailure: Int64? = nil)
    /// The group pauses.
    case paused(Pause)
    /// This is no longer so: the key is not parked, the dead letters count as never redriven, the group runs.
    case gone(StateKey)

    /// What it is about.
    public var key: StateKey {
        switch self {
        case .parked(let parked): .parked(topic: parked.topic, key: parked.key)
        case .redriven(let partition, _, _): .redriven(partition: partition)
        case .paused: .paused
        case .gone(let key): key
        }
    }

    /// The record's value: JSON with sorted keys, so that equal entries are equal bytes. Nil for what is gone.
    public var value: [UInt8]? {
        switch self {
        case .parked(let parked): SortedJSON.bytes(ParkedDocument(parked))
        case .redriven(_, let offsets, let lastFailure):
            SortedJSON.bytes(RedrivenDocument(offsets, lastFailureMilliseconds: lastFailure))
        case .paused(let pause): SortedJSON.bytes(PauseDocument(pause))
        case .gone: nil
        }
    }

    /// The record for a group's state topic.
    public func record(to topic: String) -> Kafka.Record { Kafka.Record(topic: topic, key: key.bytes, value: value) }

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
                StateDocument.decoded(RedrivenDocument.self, value)
                    .flatMap { document in
                        document.offsets.map {
                            .redriven(partition: partition, $0, lastFailure: document.lastFailureMilliseconds)
                        }
                    }
            case .paused:
                StateDocument.decoded(PauseDocument.self, value)?.pause
                    .map { .paused($0) }
            }
        guard let entry else { return nil }
        self = entry
    }
}

/// What an entry of a group's state is about: the key of its record.
public enum StateKey: Sendable, Hashable {
    /// A key of a topic that is parked.
    case parked(topic: String, key: [UInt8])
    /// The dead letters of a partition of the dead-letter topic.
    case redriven(partition: Int32)
    /// Whether the group pauses.
    case paused

    private static let parkedPrefix = Array("parked/".utf8)
    private static let redrivenPrefix = Array("redriven/".utf8)
    private static let pausedBytes = Array("paused".utf8)
    private static let slash = UInt8(ascii: "/")

    /// The record's key. That of a parked key ends with the key's own bytes, whatever they are.
    public var bytes: [UInt8] {
        switch self {
        case .parked(let topic, let key): Self.parkedPrefix + Array(topic.utf8) + [Self.slash] + key
        case .redriven(let partition): Self.redrivenPrefix + Array("\(partition)".utf8)
        case .paused: Self.pausedBytes
        }
    }

    /// Reads a record's key; nil for one that is not known.
    public init?(bytes: [UInt8]) {
        if bytes == Self.pausedBytes {
            self = .paused
        } else if bytes.starts(with: Self.redrivenPrefix) {
            let number = String(validating: bytes.dropFirst(Self.redrivenPrefix.count), as: UTF8.self)
            guard let partition = number.flatMap({ Decimal<Int32>($0) })?.value else { return nil }
            self = .redriven(partition: partition)
        } else if bytes.starts(with: Self.parkedPrefix) {
            let rest = bytes.dropFirst(Self.parkedPrefix.count)
            guard let end = rest.firstIndex(of: Self.slash),
                let topic = String(validating: rest[..<end], as: UTF8.self), GroupTopics.isName(topic)
            else { return nil }
            self = .parked(topic: topic, key: Array(rest[(end + 1)...]))
        } else {
            return nil
        }
    }
}

/// That a group pauses: its members handle nothing until it is lifted.
public struct Pause: Sendable, Equatable {
    /// Since when, in milliseconds since 1970.
    public var sinceMilliseconds: Int64
    /// Who paused it, as they call themselves.
    public var by: String?

    /// A pause.
    public init(sinceMilliseconds: Int64, by: String? = nil) {
        self.sinceMilliseconds = sinceMilliseconds
        self.by = by
    }
}

struct PauseDocument: VersionedDocument {
    let version: Int
    let pausedAt: String
    let by: String?

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case pausedAt = "paused_at"
        case by
    }

    init(_ pause: Pause) {
        version = StateDocument.version
        pausedAt = Timestamp.text(milliseconds: pause.sinceMilliseconds)
        by = pause.by
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(pausedAt, forKey: .pausedAt)
        try container.encode(by, forKey: .by)
    }

    var pause: Pause? { Timestamp.milliseconds(pausedAt).map { Pause(sinceMilliseconds: $0, by: by) } }
}

enum StateDocument {
    static let version = 1

    /// Nil for another kind or version; unknown members come from later versions and are ignored.
    static func decoded<Document: VersionedDocument>(_ type: Document.Type, _ value: [UInt8]) -> Document? {
        guard let document = try? JSONDecoder().decode(type, from: Data(value)) else { return nil }
        return document.version == version ? document : nil
    }
}

protocol VersionedDocument: Codable {
    var version: Int { get }
}
