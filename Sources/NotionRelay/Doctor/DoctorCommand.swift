import Doctor
import Foundation
import Operations
import RecordOutput
import Timestamps

/// `doctor`: looks at everything that events pass on their way, and says what is wrong and what to do.
struct DoctorCommand {
    let context: CommandContext

    /// Fails when there is an error among the findings.
    func run() async throws -> ExitStatus {
        let settings = try DoctorSettings(context)
        let status = StatusLine(every: .milliseconds(100))
        let evidence = await Examination(settings, now: Timestamp.now).evidence { doing in
            if status.isShown { status.show { ["doctor: \(doing)"] } }
        }
        status.clear()
        let report = DoctorReport(evidence, settings)
        if context.settings.string(.doctorFormat) == "json" {
            StandardStreams.data(report.json)
        } else {
            let colors = TerminalColors(
                "auto",
                isTerminal: StandardOutput.isTerminal,
                environment: ProcessInfo.processInfo.environment
            )
            let lines = report.lines(
                // No column is cut: a finding is read as a whole.
                clean: { PrintableText.cut($0, columns: .max).text },
                paint: { mark, level in colors.paint(mark, Self.color(of: level)) }
            )
            for line in lines { StandardStreams.data(line) }
        }
        return report.errors == 0 ? .success : .failure
    }

    private static func color(of level: Finding.Level) -> TerminalColors.Color {
        switch level {
        case .ok: .green
        case .warning: .yellow
        case .error: .red
        case .unknown: .cyan
        }
    }
}
