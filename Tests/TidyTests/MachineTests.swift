import Testing

/// A file holds a machine: a type that changes, with its private members. No second file holds a part of it.
@Suite
struct MachineTests {
    private static let blocks = Repository.swift.filter { $0.file.path.hasPrefix("Sources/") }.flatMap(TypeBlock.all)

    /// A stored member that an extension in another file uses cannot be private, and so everybody may change it.
    @Test
    func `no two files hold slices of one machine`() {
        let byType = Dictionary(grouping: Self.blocks) { "\($0.source.file.target).\($0.name)" }
        for (type, blocks) in byType.sorted(by: { $0.key < $1.key }) {
            guard let declared = blocks.first(where: { $0.kind != "extension" }),
                blocks.contains(where: \.isMachine)
            else { continue }
            let members = Set(declared.openStoredMembers)
            for block in blocks where block.source.file.path != declared.source.file.path {
                let used = members.intersection(block.ownNames).sorted()
                if !used.isEmpty { Issue.record("\(block.source) uses stored members of \(type): \(used)") }
            }
        }
    }

    /// A pure machine takes inputs and returns actions; a shell performs them, and is named otherwise.
    @Test
    func `a state machine is a value without clock, lock, I/O or suspension`() throws {
        let machines = Self.blocks.filter { $0.name.hasSuffix("StateMachine") && $0.kind != "extension" }
        #expect(!machines.isEmpty)
        for machine in machines {
            let source = machine.source
            #expect(machine.kind == "struct", "\(source): \(machine.name) is not a value")
            #expect(Manifest.target(named: source.file.target)?.isMemorySafe == true, "\(source) may touch C")
            let system: Set<String> = [
                "CLinux", "Dispatch", "Foundation", "FoundationEssentials", "FoundationNetworking", "Glibc",
                "HTTPClient", "HTTPServer", "Synchronization",
            ]
            for found in source.imports where system.contains(found.module) {
                Issue.record("\(source):\(found.line): a state machine does not import \(found.module)")
            }
            for pattern in [
                #"\bawait\b"#, #"\basync\b"#, #"\bMutex\b"#, #"\bTask\b"#, #"\.now\b"#, #"\bTimestamp\.now\b"#,
                #"\b(Admin|Consumer|GroupConsumer|Producer)\("#,
            ] {
                for line in try source.lines(matching: pattern) {
                    Issue.record("\(source):\(line): a state machine is pure: \(pattern)")
                }
            }
        }
    }

    @Test
    func `the scanner of types sees stored members, and who uses them`() throws {
        let machine = SwiftSource(
            RepositoryFile(
                path: "Sources/X/Lamp.swift",
                text: """
                    public struct Lamp: Sendable {
                        private(set) var isOn = false
                        var (left, right): (Int, Int) = (0, 0)
                        private var count = 0
                        package var name: String
                        static var made = 0
                        var isOff: Bool { !isOn }
                        var label: String {
                            var inner = ""
                        }
                        mutating func turn() {}
                    }
                    struct Failure: Error {}
                    """
            )
        )
        let other = SwiftSource(
            RepositoryFile(
                path: "Sources/X/Lamp+Words.swift",
                text: "extension Lamp {\n    func f(right: Int) { self.left + other.isOn }\n}\n"
            )
        )
        let found = TypeBlock.all(machine)
        #expect(found.map(\.name) == ["Lamp", "Failure"])
        #expect(found[0].isMachine && found[0].openStoredMembers == ["isOn", "left", "right"])
        let used = try #require(TypeBlock.all(other).first).ownNames
        #expect(used.contains("left") && !used.contains("isOn") && !used.contains("right"))
    }
}

/// The declaration of a type at the top of a file, or an extension of one.
struct TypeBlock: Sendable {
    let source: SwiftSource
    /// `struct`, `class`, `actor`, `enum` or `extension`.
    let kind: String
    let name: String
    /// What is between its braces, without comments and texts.
    let body: [String]

    static func all(_ source: SwiftSource) -> [TypeBlock] {
        let kinds: Set<Substring> = ["struct", "class", "actor", "enum", "extension"]
        return source.code.indices.compactMap { index in
            let line = source.code[index]
            guard let first = line.utf8.first, first.isWordByte || first == UInt8(ascii: "@") else { return nil }
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
            guard let place = words.firstIndex(where: kinds.contains), place + 1 < words.count, line.contains("{")
            else { return nil }
            let isOneLine = line.hasSuffix("}")
            let end = isOneLine ? nil : source.code[index...].firstIndex { $0.hasPrefix("}") }
            return TypeBlock(
                source: source,
                kind: String(words[place]),
                name: String(words[place + 1]),
                body: end.map { Array(source.code[(index + 1)..<$0]) } ?? []
            )
        }
    }

    /// Whether it has state that changes.
    var isMachine: Bool {
        kind == "class" || kind == "actor" || body.contains { $0.contains("mutating func ") }
    }

    /// The names of stored members that the whole target sees. `package` and `public` ones are meant for others.
    var openStoredMembers: [String] {
        let modifiers: Set<Substring> = [
            "private(set)", "fileprivate(set)", "nonisolated", "nonisolated(unsafe)", "unowned", "weak", "lazy",
        ]
        return body.flatMap { line -> [String] in
            guard line.hasPrefix("    "), !line.hasPrefix("     ") else { return [] }
            let words = line.split(separator: " ").drop { $0.hasPrefix("@") || modifiers.contains($0) }
            guard let keyword = words.first, keyword == "var" || keyword == "let" else { return [] }
            let isComputed = !line.contains("=") && (line.hasSuffix("{") || line.hasSuffix("}"))
            guard !isComputed, let rest = line.firstRange(of: "\(keyword) ")?.upperBound else { return [] }
            return line[rest...].prefix { $0 != ":" && $0 != "=" }.split { !($0.isLetter || $0.isNumber || $0 == "_") }
                .map(String.init)
        }
    }

    /// The names in it that may be members of the type itself: neither another value's members nor labels.
    var ownNames: Set<String> {
        var found: Set<String> = []
        for line in body {
            var rest = Array(line.utf8)[...]
            var before: [UInt8] = []
            while let byte = rest.first {
                guard byte.isWordByte else {
                    before.append(byte)
                    rest = rest.dropFirst()
                    continue
                }
                let word = rest.prefix(while: \.isWordByte)
                rest = rest.dropFirst(word.count)
                let isMember = before.last == UInt8(ascii: ".") && !before.dropLast().elementsEqual("self".utf8)
                if !isMember, rest.first != UInt8(ascii: ":") { found.insert(String(decoding: word, as: UTF8.self)) }
                before = word.elementsEqual("self".utf8) ? Array(word) : []
            }
        }
        return found
    }
}
