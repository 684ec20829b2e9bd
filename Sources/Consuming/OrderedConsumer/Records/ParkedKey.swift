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
    /// The run of which a record failed again: what this run sends follows to the dead letters.
    public var blockedRun: String?
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
        self.redrivenRun = redrivenRun
    }
}

extension ParkedKey {
    /// This entry once another of the key's records stands in the dead-letter topic.
    func noting(_ place: RecordPlace) -> ParkedKey {
        var noted = self
        noted.deadLetterPartition = place.partition
        noted.lastDeadLetter = place.offset
        return noted
    }
}
