import Foundation

/// A program that ran to its end: how it ended, and the lines that it wrote.
package struct FinishedProcess: Sendable {
    package let status: ExitStatus
    package let output: [String]
    package let errors: [String]

    /// What it wrote to both streams, one after the other: compilers differ in where they complain.
    package var text: String { (output + errors).joined(separator: "\n") }

    /// Runs a program (looked up on PATH), in this process's environment. One that takes longer than `limit` is
    /// interrupted, as by Ctrl-C, and a `TimeoutError` is thrown.
    package static func run(
        _ program: String,
        _ arguments: [String],
        within limit: Duration
    ) async throws -> FinishedProcess {
        let child = try ChildProcess(program, arguments, environment: ProcessInfo.processInfo.environment)
        let status = try await withTimeout(limit, ([program] + arguments.prefix(1)).joined(separator: " ")) {
            await withTaskCancellationHandler {
                await child.exitStatus()
            } onCancel: {
                child.signal(SIGINT)
            }
        }
        return FinishedProcess(status: status, output: child.output.all, errors: child.errors.all)
    }
}
