import Testing

@testable import Operations

@Suite
struct CommandTests {
    @Test(arguments: Command.allCases)
    func `a command has examples, and its common settings are its own`(command: Command) {
        #expect((1...2).contains(command.examples.count))
        let flags = SettingsTable.settings(of: command).map(\.flag)
        #expect(Set(command.commonFlags).subtracting(flags) == [])
        #expect(Set(command.commonFlags).count == command.commonFlags.count)
        #expect(command.commonFlags.count <= 10)
    }

    @Test(arguments: Command.allCases.flatMap(\.examples))
    func `an example is a command line that is accepted`(example: String) throws {
        let parts = example.split(separator: "<(").last?.split(whereSeparator: { ">|<)".contains($0) })
        let words = try #require(parts?.first).split(separator: " ").map { $0.filter { $0 != "'" } }
        #expect(words.first == "notion-relay")
        guard case .run(let command, let subject, let arguments) = try Invocation.parse(Array(words.dropFirst())) else {
            return
        }
        do throws(SettingsError) {
            _ = try Settings.resolve(
                command: command,
                subject: subject,
                arguments: arguments,
                environment: [:],
                isComplete: command != .configPrint
            )
        } catch {
            // The files of secrets are not here.
            #expect(error.problems.allSatisfy { $0.contains("cannot be opened") }, "\(error)")
        }
    }

    @Test(arguments: [
        (["completions"], "completions takes the name of a shell: bash, zsh or fish"),
        (["completions", "tcsh"], "completions takes the name of a shell: bash, zsh or fish"),
        (["completions", "bash", "zsh"], "completions takes the name of a shell: bash, zsh or fish"),
        (["man", "tail"], "man takes no arguments"),
        (["config", "print", "tial"], "there is no command \"tial\"; did you mean tail?"),
    ])
    func `a wrong word is refused with what is right`(words: [String], message: String) {
        #expect(throws: UsageError(message)) { try Invocation.parse(words) }
    }

    @Test
    func `completions and the manual page need no settings`() throws {
        #expect(try Invocation.parse(["completions", "fish"]) == .completions(.fish))
        #expect(try Invocation.parse(["man"]) == .manualPage)
        #expect(SettingsTable.settings(of: .completions).isEmpty && SettingsTable.settings(of: .man).isEmpty)
        #expect(try Invocation.parse(["tail", "--help-all"]) == .help(.tail, all: true))
    }
}
