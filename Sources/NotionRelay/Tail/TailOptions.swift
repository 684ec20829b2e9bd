import Foundation
import Kafka
import Operations
import RecordOutput
import Replayer

/// What `tail` is asked for.
struct TailOptions {
    let topic: String
    let start: TailStart
    let filter: RecordFilter
    let search: RecordSearch?
    let format: RecordFormat
    /// So many records are shown at most.
    let countMax: Int
    let exitsAtEnd: Bool
    let showsStatistics: Bool

    init(_ settings: ResolvedSettings) throws {
        topic = settings.string(.topic)
        start = try TailStart(settings)
        filter = try RecordFilter(settings, .tail)
        search = try settings.string(ifSet: .tailGrep).map { try RecordSearch($0) }
        let colors = TerminalColors(
            settings.string(.tailColor),
            isTerminal: StandardOutput.isTerminal,
            environment: ProcessInfo.processInfo.environment
        )
        format = try RecordFormat(
            settings.string(.tailFormat),
            colors: colors,
            isForTerminal: StandardOutput.isTerminal
        )
        countMax = settings.int(ifSet: .tailCount) ?? Int.max
        exitsAtEnd = settings.flag(.tailExitAtEnd)
        showsStatistics = settings.flag(.tailStats) || StandardError.isTerminal
    }

    /// Whether a record is shown.
    func wants(_ record: borrowing Record) -> Bool {
        guard filter.matches(record) else { return false }
        return search?.isFound(in: record) ?? true
    }
}
