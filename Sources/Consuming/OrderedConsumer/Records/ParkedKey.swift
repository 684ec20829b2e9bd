internal import Timestamps

/// A key whose records follow a dead letter of theirs, so that their order survives.
public struct ParkedKey: Sendable, Equatable {
    /// The topic.
    public var topic: String
    /// The key's bytes.
    public var key: [UInt8]
    /// The partition of the topic that the key is in.
    public var partition: Int32
    /// From this offset on the key is parked: where its first dead letter first stood.
    public var offset: Int64
    /// The event's id of that record; nil if it has none.
    public var id: String?
    /// Why that record was given up.
    public var reason: DeadLetterReason
    /// When, in milliseconds since 1970.
    public var parkedAtMilliseconds: Int64
    /// The partition of the dead-letter topic that its dead letters are in; nil until known.
    public var deadLetterPartition: Int32?
    /// The offset there of its newest dead letter; nil until known.
    public var lastDeadLetter: Int64?
    /// The last run of which a record failed again.
    public var blockedRun: String?
    /// The offset there of the newest dead letter that is a redriven record's: what was sent by a run that did not know
    /// of it follows to the dead letters.
    public var blockedAt: Int64?
    /// The run of which everything was handled, while newer dead letters came.
    public var redrivenRun: String?

    /// A parked key.
    public init(
        topic: String,
        key: [UInt8],
        partition: Int32,
        offset: Int64,
        id: String? = nil,
        reason: DeadLetterReason,
        parkedAtMilliseconds: Int64,
        deadLetterPartition: Int32? = nil,
        lastDeadLetter: Int64? = nil,
        blockedRun: String? = nil,
        blockedAt: Int64? = nil,
        redrivenRun: String? = nil
    ) {
        self.topic = topic
        self.key = key
        self.partition = partition
        self.offset = offset
        self.id = id
        self.reason = reason
        self.parkedAtMilliseconds = parkedAtMilliseconds
        self.deadLetterPartition = deadLetterPartition
        self.lastDeadLetter = lastDeadLetter
        self.blockedRun = blockedRun
        self.blockedAt = blockedAt
        self.redrivenRun = redrivenRun
    }

    /// This entry after another dead letter of the key was written at `place`.
    func noting(_ letter: DeadLetter, at place: RecordPlace) -> ParkedKey {
        var noted = self
        noted.deadLetterPartition = place.partition
        noted.lastDeadLetter = place.offset
        if letter.redrives > 0 { noted.blockedAt = place.offset }
        return noted
    }
}

struct ParkedDocument: VersionedDocument {
    let version: Int
    let topic: String
    let partition: Int32
    let offset: Int64
    let id: String?
    let reason: String
    let parkedAt: String
    let deadLetterPartition: Int32?
    let last: Int64?
    let blockedRun: String?
    let blockedAt: Int64?
    let redrivenRun: String?

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case topic, partition, offset, id, reason, last
        case parkedAt = "parked_at"
        case deadLetterPartition = "dlq_partition"
        case blockedRun = "blocked_run"
        case blockedAt = "blocked_at"
        case redrivenRun = "redriven_run"
    }

    init(_ parked: ParkedKey) {
        version = StateDocument.version
        topic = parked.topic
        partition = parked.partition
        offset = parked.offset
        id = parked.id
        reason = parked.reason.word
        parkedAt = Timestamp.text(milliseconds: parked.parkedAtMilliseconds)
        deadLetterPartition = parked.deadLetterPartition
        last = parked.lastDeadLetter
        blockedRun = parked.blockedRun
        blockedAt = parked.blockedAt
        redrivenRun = parked.redrivenRun
    }

    /// Unknown values are written as null, not left out: readers of the topic see that they exist.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(topic, forKey: .topic)
        try container.encode(partition, forKey: .partition)
        try container.encode(offset, forKey: .offset)
        try container.encode(id, forKey: .id)
        try container.encode(reason, forKey: .reason)
        try container.encode(parkedAt, forKey: .parkedAt)
        try container.encode(deadLetterPartition, forKey: .deadLetterPartition)
        try container.encode(last, forKey: .last)
        try container.encode(blockedRun, forKey: .blockedRun)
        try container.encode(blockedAt, forKey: .blockedAt)
        try container.encode(redrivenRun, forKey: .redrivenRun)
    }

    /// Nil if a field is invalid, or the document's topic differs from that of its record's key.
    func parkedKey(topic: String, key: [UInt8]) -> ParkedKey? {
        guard self.topic == topic, partition >= 0, CompletedOffsets.isOffset(offset), (deadLetterPartition ?? 0) >= 0,
            CompletedOffsets.isOffset(last ?? 0),
            CompletedOffsets.isOffset(blockedAt ?? 0),
            let reason = DeadLetterReason(reason), let parkedAt = Timestamp.milliseconds(parkedAt)
        else { return nil }
        return ParkedKey(
            topic: topic,
            key: key,
            partition: partition,
            offset: offset,
            id: id,
            reason: reason,
            parkedAtMilliseconds: parkedAt,
            deadLetterPartition: deadLetterPartition,
            lastDeadLetter: last,
            blockedRun: blockedRun,
            blockedAt: blockedAt,
            redrivenRun: redrivenRun
        )
    }
}
