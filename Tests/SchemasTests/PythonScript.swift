import Foundation
import TestSupport

/// A script beside the tests, run with the Python that `make test` sets up.
struct PythonScript {
    struct Failure: Error {
        let reason: String
    }

    let name: String

    func run(_ arguments: [String]) async throws -> FinishedProcess {
        guard let python = TestPython.path else { throw Failure(reason: "no Python") }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: name)
        // Without the user's own packages and variables, and without compiled files beside the sources.
        let options = ["-B", "-E", "-s", script.path]
        return try await FinishedProcess.run(python, options + arguments, within: .seconds(300))
    }
}
