import TestSupport
import Testing

/// How the tools that these tests stand on fail.
@Suite(.timeLimit(.minutes(5)))
struct ToolTests {
    @Test
    func `a tool that hangs is interrupted`() async throws {
        // Its own minutes would be far more than the suite's.
        await #expect(throws: TimeoutError.self) {
            try await FinishedProcess.run("sleep", ["600"], within: .milliseconds(200))
        }
    }

    @Test
    func `what a tool wrote and how it ended is told`() async throws {
        let run = try await FinishedProcess.run("sh", ["-c", "echo one; echo two >&2; exit 3"], within: .seconds(30))
        #expect(run.status == .exited(3))
        #expect(run.output == ["one"])
        #expect(run.text == "one\ntwo")
    }

    @Test(.needsProgram("swift-symbolgraph-extract"))
    func `a module that was not built is an error that names it`() async throws {
        let folder = try TemporaryDirectory("symbols")
        let failure = await #expect(throws: ToolFailure.self) {
            try await Product(name: "Nowhere", floor: "Platform").extractSymbols(into: folder)
        }
        #expect(failure?.description.contains("Nowhere") == true)
    }
}
