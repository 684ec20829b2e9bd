import Foundation
import Testing

/// A pattern that must not stand in the code, and what to do instead.
struct BannedWord: Sendable, CustomStringConvertible {
    /// A regular expression with at least one whole word in it.
    let pattern: String
    let instead: String
    let applies: @Sendable (SwiftSource) -> Bool

    var description: String { pattern }

    /// Comments and texts may speak of these; code may not use them.
    static let inCode: [BannedWord] = [
        BannedWord(#"\bfatalError\("#, "use precondition with a sentence, or a typed error"),
        BannedWord(#"\btry!"#, "handle the error"),
        BannedWord(#"\bThread\.sleep\b"#, "await the fact"),
        BannedWord(#"\bTask\.sleep\b"#, "await the fact"),
        BannedWord(#"\busleep\b"#, "await the fact"),
        BannedWord(#"\bTask\.detached\b"#, "give the work an owner"),
        BannedWord(#"\bprint\("#, "return data, or write through the log") {
            $0.file.isSource && $0.file.target != "NotionRelay"
        },
        BannedWord(#"\bunsafe\b"#, "this target is memory safe") {
            $0.file.isSource && Manifest.target(named: $0.file.target)?.isMemorySafe == true
        },
        BannedWord(#"\bUnsafe[A-Za-z]*Pointer\b"#, "this target is memory safe") {
            $0.file.isSource && Manifest.target(named: $0.file.target)?.isMemorySafe == true
        },
        BannedWord(#"@unchecked Sendable"#, "only targets that touch C may promise what the compiler cannot see") {
            let allowed: Set<String> = [
                "Cryptography", "EmbeddedKafka", "HTTPClient", "HTTPServer", "Kafka", "Operations",
            ]
            return $0.file.isSource && !allowed.contains($0.file.target)
        },
    ]

    /// Not even in a comment. Written in two parts, so that this file passes its own rule.
    static let anywhere = [
        BannedWord("TO" + "DO", "do it, or leave it"),
        BannedWord("FIX" + "ME", "fix it"),
        BannedWord("swift-format-" + "ignore", "write it so that the formatter agrees"),
    ]

    /// Not in the comments and texts of what we ship: plain technical English says the same. Without regard to case.
    static let poetry = [
        BannedWord("has spoken", "until the coordinator responds"),
        BannedWord("late word", "a late report is ignored"),
        BannedWord("knocking", "a client connects"),
        BannedWord("farewell", "close_notify"),
        BannedWord("household", "the client's network"),
        BannedWord("given away, not lent", "ownership is transferred"),
        BannedWord("before anything moves", "checked before the first record is sent"),
        BannedWord("on Friday", "name a time"),
        BannedWord("mend that", "fix that"),
        BannedWord("front door", "the HTTP server, or the endpoint"),
        BannedWord("its word counts", "say which value takes effect"),
    ]

    init(_ pattern: String, _ instead: String, applies: @escaping @Sendable (SwiftSource) -> Bool = { _ in true }) {
        self.pattern = pattern
        self.instead = instead
        self.applies = applies
    }
}

@Suite
struct WordTests {
    @Test(arguments: BannedWord.inCode)
    func `code does without`(word: BannedWord) throws {
        for source in Repository.swift where word.applies(source) {
            for line in try source.lines(matching: word.pattern) {
                Issue.record("\(source):\(line): \(word): \(word.instead)")
            }
        }
    }

    @Test(arguments: BannedWord.anywhere)
    func `no file says`(word: BannedWord) {
        for file in Repository.files where !file.path.contains("/Fixtures/") && !file.path.contains("/Golden/") {
            for line in file.lines(containing: word.pattern) {
                Issue.record("\(file):\(line): \(word): \(word.instead)")
            }
        }
    }

    @Test(arguments: BannedWord.poetry)
    func `comments and texts are plain English, without`(phrase: BannedWord) {
        for source in Repository.swift where source.file.path.hasPrefix("Sources/") {
            guard source.file.text.range(of: phrase.pattern, options: .caseInsensitive) != nil else { continue }
            for (index, line) in source.lines.enumerated()
            where line.range(of: phrase.pattern, options: .caseInsensitive) != nil {
                Issue.record("\(source):\(index + 1): \(phrase): \(phrase.instead)")
            }
        }
    }

    @Test
    func `the rules see code, and neither comments nor texts`() throws {
        let source = SwiftSource(
            RepositoryFile(
                path: "Sources/X/X.swift",
                text: """
                    let a = try! f()  // here
                    // try! f()
                    let b = "try! \\(g("try!", try! h())) try!"
                    func `try! this`() {}
                    let c = #"try! \\(f()) "try!""#
                    """
            )
        )
        #expect(try source.lines(matching: #"\btry!"#) == [1, 3])
        #expect(try source.lines(matching: #"\bfatalError\("#) == [])
        #expect(source.file.lines(containing: "here") == [1])
    }

    /// What the compiler is told to believe is explained where it is said: in a comment that starts with `Safety:`.
    @Test(arguments: [#"@unchecked Sendable"#, #"\bTask \{"#, #"nonisolated\(unsafe\)"#])
    func `a promise that the compiler cannot check says why it holds`(promise: String) throws {
        for source in Repository.swift {
            for line in try source.lines(matching: promise) {
                let above = source.lines[max(0, line - 13)..<line]
                if !above.contains(where: { $0.contains("Safety:") }) {
                    Issue.record("\(source):\(line): no `// Safety:` above")
                }
            }
        }
    }

    @Test
    func `a file is named after what it holds`() {
        for source in Repository.swift {
            let drawers = [
                "Common", "Extensions", "Helper", "Helpers", "Manager", "Misc", "Placeholder", "Utilities", "Utils",
            ]
            let stem = source.file.name.dropLast(".swift".count)
            for drawer in drawers where stem.hasSuffix(drawer) { Issue.record("\(source) is a drawer, not a noun") }
        }
    }

    /// A type named like its module makes every other name of the module unreachable from outside.
    @Test
    func `no type has its module's name`() throws {
        for source in Repository.swift where source.file.isSource && source.file.target != "NotionRelay" {
            for line in try source.lines(matching: "\\b\(source.file.target)\\b") {
                let words = source.code[line - 1].split { !$0.isLetter }
                let isDeclared = zip(words, words.dropFirst()).contains { keyword, name in
                    ["struct", "class", "enum", "actor", "protocol"].contains(keyword) && name == source.file.target
                }
                if isDeclared { Issue.record("\(source):\(line) names a type like the module") }
            }
        }
    }

    @Test
    func `the name of a test is a sentence`() throws {
        for source in Repository.swift.filter(\.file.isTest) {
            let declaration = try Regex(#"func `[^`]+ [^`]+`"#)
            for (index, line) in source.code.enumerated() where line.drop(while: { $0 == " " }).hasPrefix("@Test") {
                let following = source.lines[index...].first { $0.contains("func ") }
                if following?.contains(declaration) != true {
                    Issue.record("\(source):\(index + 1) has no sentence for a name")
                }
            }
        }
    }

    /// Written in two parts, so that this file passes its own rule.
    @Test(arguments: ["/wo" + "rk/", "/opt/" + "swift", "/ro" + "ot/", "/tmp/" + "scratch", "/ho" + "me/"])
    func `no file names a path of one machine`(path: String) {
        for file in Repository.files {
            for line in file.lines(containing: path) { Issue.record("\(file):\(line) names \(path)") }
        }
    }
}
