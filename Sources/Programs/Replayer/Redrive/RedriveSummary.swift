import OrderedConsumer
import TextOutput

package struct RedriveSummary: Sendable, Equatable, Encodable {
    package let run: String
    package let group: String
    package let topic: String
    package let dryRun: Bool
    package internal(set) var waiting = 0
    package internal(set) var sent = 0
    package internal(set) var rounds = 0
    /// Why others stayed; `heldBack` ones are behind one of these of a parked key, `leftOut` were too much for one run.
    package internal(set) var filtered = 0
    package internal(set) var exhausted = 0
    package internal(set) var heldBack = 0
    package internal(set) var leftOut = 0
    package internal(set) var foreign = 0
    /// Parked keys that were sent back whole, by outcome.
    package internal(set) var unparked = 0
    package internal(set) var failedAgain = 0
    package internal(set) var stillParked = 0
    /// Those that the group's redrive topic does not take.
    package internal(set) var refused = 0
    /// Partitions of the dead-letter topic that was deleted and made again since the last redrive.
    package internal(set) var madeAgain: [Int32] = []
    package internal(set) var interrupted = false

    package var isOK: Bool { !interrupted && failedAgain == 0 && stillParked == 0 && refused == 0 }

    package var json: String { SortedJSON.text(self, inSnakeCase: true) }

    package var lines: [String] {
        let sending = dryRun ? "would be sent back" : "sent back"
        var lines = ["dead letters of \(group) on \(topic): \(waiting) waited, \(sending): \(sent)"]
        let kept: [(String, Int)] = [
            ("not selected", filtered), ("sent back too often already, see --max-redrives", exhausted),
            ("behind one of these, of the same parked entity", heldBack),
            ("too much for one run, run it again", leftOut), ("refused by the topic, named above", refused),
            ("not dead letters of this group, or without their value", foreign),
        ]
        for (why, count) in kept where count > 0 { lines.append("  stay where they are, \(why): \(count)") }
        let ends: [(String, Int)] = [
            ("handled and no longer parked", unparked), ("failed again, and stay parked", failedAgain),
            ("not handled yet: is the group running, and not paused?", stillParked),
        ]
        for (what, count) in ends where count > 0 { lines.append("  entities \(what): \(count)") }
        if !madeAgain.isEmpty {
            let list = madeAgain.map(String.init).joined(separator: ", ")
            lines.append("  the dead-letter topic was made again (partitions \(list)): all that is in it waited")
        }
        if interrupted { lines.append("interrupted: the same command continues where this one stopped") }
        return lines
    }
}
