import Testing

/// What `Package.swift` says of our targets. It is the only list of them: floors, reasons and imports are read from it.
enum Manifest {
    struct Target: Sendable, CustomStringConvertible {
        let name: String
        /// The folder under `Sources/`; nil for what is no floor's: the command, examples, benchmarks, tests.
        var floor: String?
        var why = ""
        var imports: Set<String> = []
        /// Whether an unsafe pointer fails the build.
        var isMemorySafe = false
        var isLibrary = true

        var description: String { name }
    }

    /// The floors of `Sources/`, lowest first.
    static let floors = ["Platform", "Notion", "Consuming", "Operations", "Programs"]

    /// In the manifest's order: lowest floor first.
    static let targets: [Target] = {
        let text = Repository.text("Package.swift")
        let call = #/^ *(\.target|\.executableTarget|target|cModule|tests)\(\s*(?:name: )?"/#.anchorsMatchLineEndings()
        return text.matches(of: call).map { match in
            target(kind: String(match.output.1), arguments: arguments(of: text[match.range.lowerBound...]))
        }
    }()

    static let products: [String] = {
        let text = Repository.text("Package.swift")
        return text.matches(of: #/\.library\(name: "(\w+)"/#).map { String($0.output.1) }
    }()

    static func target(named name: String) -> Target? { targets.first { $0.name == name } }

    /// All that a target imports of ours, and what those import.
    static func closure(of name: String) -> Set<String> {
        var found: Set<String> = []
        var waiting = [name]
        while let next = waiting.popLast() {
            for imported in target(named: next)?.imports ?? [] where found.insert(imported).inserted {
                waiting.append(imported)
            }
        }
        return found
    }

    /// The text between the parentheses of a call at the start of a text.
    private static func arguments(of text: Substring) -> Substring {
        guard let open = text.firstIndex(of: "(") else { return "" }
        var depth = 0
        var isQuoted = false
        for index in text[open...].indices {
            switch text[index] {
            case "\"": isQuoted.toggle()
            case "(", "[": if !isQuoted { depth += 1 }
            case ")", "]": if !isQuoted { depth -= 1 }
            default: break
            }
            if depth == 0 { return text[text.index(after: open)..<index] }
        }
        return ""
    }

    private static func target(kind: String, arguments: Substring) -> Target {
        let list = #/(?:imports|dependencies|uses): \[([^\]]*)\]/#
        let imports = (arguments.firstMatch(of: list)?.output.1 ?? "").split(separator: ",").map { word in
            String(word.filter { $0.isLetter || $0.isNumber || $0 == "-" })
        }
        let texts = arguments.matches(of: #/"([^"]*)"/#).map { String($0.output.1) }
        var target = Target(name: kind == "target" ? texts[1] : texts[0])
        target.imports = Set(imports.filter { !$0.isEmpty })
        target.isLibrary = kind == "target"
        if kind == "target" { (target.floor, target.why) = (texts[0], texts[2]) }
        if kind == "cModule" { target.floor = "Platform" }
        let namesHouse = arguments.contains(#/[sS]ettings: house/#)
        target.isMemorySafe = kind == "target" && !namesHouse || arguments.contains("swiftSettings: memorySafe")
        return target
    }
}

extension RepositoryFile {
    /// The target that a file belongs to; the top-level folder for what belongs to none.
    var target: String {
        let parts = path.split(separator: "/").map(String.init)
        switch parts.first {
        case "Benchmarks": return "relay-bench"
        case "Tests" where parts.count > 2, "Examples" where parts.count > 2: return parts[1]
        case "Sources" where parts.count > 3 && Manifest.floors.contains(parts[1]): return parts[2]
        case "Sources" where parts.count > 2: return parts[1]
        default: return parts[0]
        }
    }
}
