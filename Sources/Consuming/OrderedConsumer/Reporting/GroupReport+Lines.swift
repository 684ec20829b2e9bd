import TextOutput

extension GroupReport {
    /// The report for a terminal, a line each. `keysMax` of the listed parked keys are shown.
    package func lines(keysMax: Int = 20) -> [String] {
        var lines = summary
        lines += [""] + partitionTable.lines
        if parkedCount > 0 { lines += parkedLines(keysMax: keysMax) }
        lines += [""] + deadLetterLines
        if unreadableStateRecords > 0 {
            lines.append(
                "state records of another version, or of no known kind: \(unreadableStateRecords)"
            )
        }
        if !hasStateTopic { lines.append("state: there is no topic for it, so nothing is parked and nothing pauses") }
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
        let age = oldestUnfinishedAgeMilliseconds.map { ", the oldest \(PlainText.age($0)) old" } ?? ""
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
                "\(row.doneAhead)", "\(row.lag)", row.oldestUnfinishedAgeMilliseconds.map(PlainText.age) ?? "-",
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
        guard let deadLetters else { return ["dead letters: there is no topic for them"] }
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
