package enum Invocation: Equatable, Sendable {
    /// Help about one command, or about the program; about all settings of the command, or the common ones.
    case help(Command?, all: Bool = false)
    case version
    case completions(Shell)
    case manualPage
    case run(Command, subject: Command, arguments: [String])

    package static func parse(_ words: [String]) throws(UsageError) -> Invocation {
        guard let first = words.first else { return .help(nil) }
        if ["--help", "-h", "--help-all"].contains(first) { return .help(nil) }
        if first == "--version" { return .version }
        if first == "help" { return .help(words.count == 1 ? nil : try command(Array(words.dropFirst())).command) }
        let (command, wordCount) = try command(words)
        var rest = Array(words.dropFirst(wordCount))
        if rest.contains("--help-all") { return .help(command, all: true) }
        if rest.contains("--help") || rest.contains("-h") { return .help(command) }
        if rest.contains("--version") { return .version }
        if command == .completions { return .completions(try shell(rest)) }
        if command == .man {
            guard rest.isEmpty else { throw UsageError("man takes no arguments") }
            return .manualPage
        }
        guard command.isAboutAnother else { return .run(command, subject: command, arguments: rest) }
        guard let word = rest.first, !word.hasPrefix("-") else {
            return .run(command, subject: .receive, arguments: rest)
        }
        let (subject, subjectWordCount) = try Self.command(rest)
        rest.removeFirst(subjectWordCount)
        return .run(command, subject: subject, arguments: rest)
    }

    private static func shell(_ words: [String]) throws(UsageError) -> Shell {
        guard words.count == 1, let shell = Shell(rawValue: words[0]) else {
            throw UsageError("completions takes the name of a shell: bash, zsh or fish")
        }
        return shell
    }

    private static func command(_ words: [String]) throws(UsageError) -> (command: Command, wordCount: Int) {
        if let named = Command.named(by: words) { return named }
        let first = words[0]
        guard !first.hasPrefix("-") else {
            throw UsageError("the command comes first, then its flags; see notion-relay --help")
        }
        let candidates = Command.allCases.map(\.rawValue)
        let group = candidates.filter { $0.hasPrefix(first + " ") }
        guard group.isEmpty else { throw UsageError("\(first) needs one of: \(group.joined(separator: ", "))") }
        let suggestion =
            Suggestion.nearest(to: words.prefix(2).joined(separator: " "), among: candidates)
            ?? Suggestion.nearest(to: first, among: candidates)
        let hint = suggestion.map { "did you mean \($0)?" } ?? "see notion-relay --help"
        throw UsageError("there is no command \"\(SettingLayer.printable(first))\"; \(hint)")
    }
}

/// A command line that cannot be understood. Its text never holds what stood in place of a value.
package struct UsageError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
