import Foundation
import Operations
import RecordOutput
import Replayer

/// How `replay` writes what it writes: records when they go to stdout, plan and summary otherwise.
struct ReplayForm {
    // Limit: what is written at once.
    private static let outputBytesMax = 256 << 10

    /// Nil when no records are printed.
    let records: RecordFormat?
    /// Whether plan and summary are for programs.
    let isJSON: Bool

    init(_ settings: ResolvedSettings, printsRecords: Bool) throws {
        let text = settings.string(ifSet: .replayFormat)
        guard printsRecords else {
            guard [nil, "text", "json"].contains(text) else {
                throw UsageError("--format: write text or json; other forms are for the records of --to-stdout")
            }
            records = nil
            isJSON = text == "json"
            return
        }
        let colors = TerminalColors(
            "auto",
            isTerminal: StandardOutput.isTerminal,
            environment: ProcessInfo.processInfo.environment
        )
        records = try RecordFormat(text ?? "json", colors: colors, isForTerminal: StandardOutput.isTerminal)
        isJSON = false
    }

    /// Prints records.
    var target: WritingTarget {
        guard let records else { preconditionFailure("Records are printed when a form was made for them.") }
        if !records.heading.isEmpty { StandardStreams.data(bytes: records.heading) }
        var output: [UInt8] = []
        return WritingTarget { record in
            records.write(record, to: &output)
            if output.count > Self.outputBytesMax {
                StandardStreams.data(bytes: output)
                output.removeAll(keepingCapacity: true)
            }
        } flush: {
            guard !output.isEmpty else { return }
            StandardStreams.data(bytes: output)
            output.removeAll(keepingCapacity: true)
        }
    }
}
