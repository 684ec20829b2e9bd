internal import Kafka
import TextOutput
internal import Timestamps

/// The names, in snake case, are those of its JSON.
package struct GroupReport: Sendable, Equatable, Encodable {
    package struct Member: Sendable, Equatable, Encodable {
        package let clientID: String
        package let host: String
        package let memberID: String
        package let instanceID: String?
        package let partitions: [Int32]

        init(_ member: GroupMemberDescription, topic: String) {
            clientID = member.clientID
            host = member.host
            memberID = member.memberID
            instanceID = member.groupInstanceID
            partitions = member.assignment.filter { $0.topic == topic }.map(\.partition).sorted()
        }
    }

    package struct Partition: Sendable, Equatable, Encodable {
        package let partition: Int32
        package let low: Int64
        package let high: Int64
        package let committed: Int64?
        package let doneAhead: Int64
        package let lag: Int64
        package let expired: Int64
        package let oldestUnfinishedAt: String?
        package let oldestUnfinishedAgeMs: Int64?
        /// The client id of the member that is assigned to it.
        package let member: String?

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
            oldestUnfinishedAgeMs = oldest.map { max(0, Timestamp.elapsed(from: $0, to: now)) }
            member = owner
        }
    }

    package struct Parked: Sendable, Equatable, Encodable {
        package let key: String
        package let partition: Int32
        package let offset: Int64
        package let id: String?
        package let reason: String
        package let parkedAt: String

        init(_ parked: ParkedKey) {
            key = PlainText.shown(parked.key)
            partition = parked.partition
            offset = parked.offset
            id = parked.id
            reason = parked.reason.word
            parkedAt = Timestamp.text(milliseconds: parked.parkedAtMilliseconds)
        }
    }

    package struct DeadLetters: Sendable, Equatable, Encodable {
        package let topic: String
        package let waiting: Int
        package let waitingByReason: [String: Int]
        package let oldestWaitingAt: String?
        package let redriven: Int
        package let foreign: Int

        init(_ tally: DeadLetterTally, topic: String) {
            self.topic = topic
            waiting = tally.waiting.values.reduce(0, +)
            waitingByReason = tally.waiting
            oldestWaitingAt = tally.oldestWaitingMilliseconds.map { Timestamp.text(milliseconds: $0) }
            redriven = tally.redriven
            foreign = tally.foreign
        }
    }

    package let topic: String
    package let group: String
    package let state: String
    package let assignor: String
    package let pausedAt: String?
    package let pausedBy: String?
    package let members: [Member]
    package let partitions: [Partition]
    package let lag: Int64
    package let expired: Int64
    package let oldestUnfinishedAgeMs: Int64?
    package let parkedCount: Int
    package let parked: [Parked]
    package let deadLetters: DeadLetters?
    package let hasStateTopic: Bool
    package let unreadableStateRecords: Int
    /// Whether state and dead letters were read to their ends; otherwise their numbers are lower bounds.
    package let isComplete: Bool

    /// Ages are up to `now`, in milliseconds since 1970. `parkedMax` parked keys are listed; all are counted.
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
        oldestUnfinishedAgeMs = partitions.compactMap(\.oldestUnfinishedAgeMs).max()
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

    package var json: String { SortedJSON.text(self, inSnakeCase: true) }

    /// The report for a terminal, a line each. `keysMax` of the listed parked keys are shown.
    package func lines(keysMax: Int = 20) -> [String] {
        var lines = summary
        lines += [""] + partitionTable.lines
        if parkedCount > 0 { lines += parkedLines(keysMax: keysMax) }
        lines += [""] + deadLetterLines
        if unreadableStateRecords > 0 {
            lines.append("state records of another version, or of no known kind: \(unreadableStateRecords)")
        }
        if !hasStateTopic {
            lines.append(
                "state: there is no topic \(topic).\(group).state, so nothing is parked and nothing pauses; if it "
                    + "exists, grant this user Read on it"
            )
        }
        if !isComplete { lines.append("not everything was read: parked keys and dead letters may be more") }
        return lines
    }

    private var summary: [String] {
        let count = members.count == 1 ? "1 member" : "\(members.count) members"
        let division = assignor.isEmpty ? "" : ", \(PlainText.cut(assignor, bytesMax: 40))"
        var lines = ["group \(group) on \(topic): \(state), \(count)\(division)"]
        if let pausedAt {
            lines.append("paused since \(pausedAt)" + (pausedBy.map { " by \(PlainText.cut($0, bytesMax: 80))" } ?? ""))
        }
        let age = oldestUnfinishedAgeMs.map { ", the oldest \(PlainText.age($0)) old" } ?? ""
        lines.append("lag \(lag)\(age)")
        if expired > 0 { lines.append("expired \(expired): removed from the topic before they were handled") }
        return lines
    }

    private var partitionTable: TextTable {
        var table = TextTable(
            ["PARTITION", "LOW", "COMMITTED", "HIGH", "AHEAD", "LAG", "OLDEST", "MEMBER"],
            rightAligned: [0, 1, 2, 3, 4, 5, 6]
        )
        for row in partitions {
            table.append([
                "\(row.partition)", "\(row.low)", row.committed.map { "\($0)" } ?? "-", "\(row.high)",
                "\(row.doneAhead)", "\(row.lag)", row.oldestUnfinishedAgeMs.map(PlainText.age) ?? "-",
                row.member.map { PlainText.cut($0, bytesMax: 60) } ?? "-",
            ])
        }
        return table
    }

    private func parkedLines(keysMax: Int) -> [String] {
        var table = TextTable(["KEY", "PARTITION", "OFFSET", "REASON", "SINCE", "ID"], rightAligned: [1, 2])
        for row in parked.prefix(keysMax) {
            table.append([
                PlainText.cut(row.key, bytesMax: 60), "\(row.partition)", "\(row.offset)", row.reason, row.parkedAt,
                row.id.map { PlainText.cut($0, bytesMax: 60) } ?? "-",
            ])
        }
        let more = parkedCount - min(parked.count, keysMax)
        return ["", "parked keys: \(parkedCount)"] + table.lines + (more > 0 ? ["and \(more) more"] : [])
    }

    private var deadLetterLines: [String] {
        guard let deadLetters else {
            return ["dead letters: there is no topic \(topic).\(group).dlq; if it exists, grant this user Read on it"]
        }
        let others = [(deadLetters.redriven, "redriven"), (deadLetters.foreign, "not ours")]
        let kept = others.filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }.joined()
        let since = deadLetters.oldestWaitingAt.map { " since \($0)" } ?? ""
        var table = TextTable(["REASON", "WAITING"], rightAligned: [1])
        for (reason, count) in deadLetters.waitingByReason.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            table.append([reason, "\(count)"])
        }
        return ["dead letters in \(deadLetters.topic): \(deadLetters.waiting) waiting\(since)\(kept)"]
            + (deadLetters.waiting > 0 ? table.lines : [])
    }
}
