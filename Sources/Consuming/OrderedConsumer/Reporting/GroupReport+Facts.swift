internal import Kafka
import TextOutput
internal import Timestamps

extension GroupReport {
    /// Makes a report of what was gathered. Ages are counted up to `now`, in milliseconds since 1970.
    ///
    /// `parkedMax` parked keys are listed; all are counted.
    package init(_ facts: GroupFacts, now: Int64, parkedMax: Int = 100) {
        topic = facts.topics.topic
        group = facts.topics.group
        state = facts.description.state.rawValue
        assignor = facts.description.assignor
        pausedAt = facts.state?.pause.map { Timestamp.text(milliseconds: $0.sinceMilliseconds) }
        pausedBy = facts.state?.pause?.by
        members = facts.description.members.map { Member($0, topic: facts.topics.topic) }
        var owners: [Int32: String] = [:]
        for member in members {
            for partition in member.partitions { owners[partition] = member.clientID }
        }
        partitions = facts.partitions.map { Partition($0, owner: owners[$0.partition], now: now) }
        lag = partitions.reduce(0) { $0 + $1.lag }
        expired = partitions.reduce(0) { $0 + $1.expired }
        oldestUnfinishedAgeMilliseconds = partitions.compactMap(\.oldestUnfinishedAgeMilliseconds).max()
        let longest = (facts.state?.parked.values).map(Self.longestFirst) ?? []
        parkedCount = longest.count
        parked = longest.prefix(parkedMax).map(Parked.init)
        deadLetters = facts.deadLetters.map { DeadLetters($0, topic: facts.topics.deadLetters) }
        hasStateTopic = facts.state != nil
        unreadableStateRecords = facts.state?.unreadable ?? 0
        isComplete = facts.isComplete
    }

    private static func longestFirst(_ keys: some Collection<ParkedKey>) -> [ParkedKey] {
        keys.sorted { one, other in
            (one.parkedAtMilliseconds, one.partition, one.offset)
                < (other.parkedAtMilliseconds, other.partition, other.offset)
        }
    }
}

extension GroupReport.Member {
    init(_ member: GroupMemberDescription, topic: String) {
        clientID = member.clientID
        host = member.host
        memberID = member.memberID
        instanceID = member.groupInstanceID
        partitions = member.assignment.filter { $0.topic == topic }.map(\.partition).sorted()
    }
}

extension GroupReport.Partition {
    init(_ facts: PartitionFacts, owner: String?, now: Int64) {
        partition = facts.partition
        low = facts.kept.lowerBound
        high = facts.kept.upperBound
        committed = facts.committed?.offset
        doneAhead = facts.doneAhead
        lag = facts.lag
        expired = facts.expired
        let oldest = lag > 0 ? facts.oldestUnfinishedMilliseconds : nil
        oldestUnfinishedAt = oldest.map { Timestamp.text(milliseconds: $0) }
        // A producer's clock may be ahead of ours.
        oldestUnfinishedAgeMilliseconds = oldest.map { time in
            let (age, overflows) = now.subtractingReportingOverflow(time)
            return overflows ? 0 : max(0, age)
        }
        member = owner
    }
}

extension GroupReport.Parked {
    init(_ parked: ParkedKey) {
        key = PlainText.shown(parked.key)
        partition = parked.partition
        offset = parked.offset
        id = parked.id
        reason = parked.reason.word
        parkedAt = Timestamp.text(milliseconds: parked.parkedAtMilliseconds)
    }
}

extension GroupReport.DeadLetters {
    init(_ tally: DeadLetterTally, topic: String) {
        self.topic = topic
        waiting = tally.waiting.values.reduce(0, +)
        waitingByReason = tally.waiting
        oldestWaitingAt = tally.oldestWaitingMilliseconds.map { Timestamp.text(milliseconds: $0) }
        redriven = tally.redriven
        foreign = tally.foreign
    }
}
