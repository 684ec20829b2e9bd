internal import Timestamps

/// A parked key as JSON.
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
    let redrivenRun: String?

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case topic, partition, offset, id, reason, last
        case parkedAt = "parked_at"
        case deadLetterPartition = "dlq_partition"
        case blockedRun = "blocked_run"
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
        redrivenRun = parked.redrivenRun
    }

    /// What is not known is written as null, not left out: whoever reads the topic sees that it could be there.
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
        try container.encode(redrivenRun, forKey: .redrivenRun)
    }

    /// Nil if a field holds what it cannot, or the document belongs to another topic than its record's key says.
    func parkedKey(topic: String, key: [UInt8]) -> ParkedKey? {
        guard self.topic == topic, partition >= 0, offset >= 0, (deadLetterPartition ?? 0) >= 0, (last ?? 0) >= 0,
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
            redrivenRun: redrivenRun
        )
    }
}
