/// Why the settings were refused: one line a problem, each with its place and what is allowed.
package struct SettingsError: Error, Equatable, CustomStringConvertible {
    package let problems: [String]

    package init(_ problems: [String]) {
        self.problems = problems
    }

    package var description: String { problems.joined(separator: "\n") }
}
