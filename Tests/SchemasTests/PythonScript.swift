import Foundation
import TestSupport

/// A script beside the tests, run with the Python that `make test` sets up.
struct PythonScript {
    struct Result {
        let status: Int32
        let output: Data

        /// Standard output by lines.
        var lines: [String] {
            String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    struct Failure: Error {
        let reason: String
    }

    let name: String

    func run(_ arguments: [String]) throws -> Result {
        guard let python = TestPython.path else { throw Failure(reason: "no Python") }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: name)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: python)
        // Without the user's own packages and variables, and without compiled files beside the sources.
        process.arguments = ["-B", "-E", "-s", script.path] + arguments
        process.standardOutput = output
        try process.run()
        let answer = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: answer)
    }
}
