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
