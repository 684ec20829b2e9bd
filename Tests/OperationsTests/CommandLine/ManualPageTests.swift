import TestSupport
import Testing

@testable import Operations

@Suite
struct ManualPageTests {
    @Test(.needsProgram("man"))
    func `man shows the page without a warning`() async throws {
        let folder = try TemporaryDirectory("man")
        defer { folder.remove() }
        try folder.write(ManualPage.text + "\n", to: "notion-relay.1")
        let file = folder.file("notion-relay.1")
        let shown = try await FinishedProcess.run(
            "env",
            ["LC_ALL=C.UTF-8", "MANWIDTH=80", "MAN_KEEP_FORMATTING=", "man", "--warnings", "-P", "cat", "-l", file],
            within: .seconds(60)
        )
        #expect(shown.status == .exited(0))
        #expect(shown.errors == [])
        let headings = [
            "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES",
            "SEE ALSO",
        ]
        #expect(shown.output.filter(headings.contains) == headings)
        let text = shown.output.joined(separator: "\n")
        for setting in SettingsTable.all { #expect(text.contains(setting.flag)) }
        for command in Command.allCases { #expect(text.contains(command.rawValue)) }
    }
}
