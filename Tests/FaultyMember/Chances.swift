import Synchronization
import TestSupport

/// What a test has told a member, as `name=value` each, and how its dice fall.
final class Chances: Sendable {
    private let values: [String: String]
    private let random: Mutex<SeededGenerator>

    init(_ arguments: some Sequence<String>) {
        var values: [String: String] = [:]
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        self.values = values
        random = Mutex(SeededGenerator(seed: values["seed"].flatMap { UInt64($0) } ?? 1))
    }

    func text(_ name: String) -> String {
        guard let value = values[name] else { preconditionFailure("The argument \(name)=... is missing.") }
        return value
    }

    func number(_ name: String) -> Int { Int(text(name)) ?? 0 }

    /// True in so many of a thousand cases.
    func falls(_ name: String) -> Bool {
        let limit = number(name)
        return random.withLock { Int.random(in: 0..<1000, using: &$0) } < limit
    }

    func milliseconds(upTo name: String) -> Int {
        let limit = number(name)
        return random.withLock { Int.random(in: 0...limit, using: &$0) }
    }
}
