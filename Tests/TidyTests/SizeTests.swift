import Testing

@Suite
struct SizeTests {
    static let fileLinesMax = 500
    static let functionLinesMax = 70
    static let lineColumnsMax = 120

    /// Below this a file wants a reason: a type that belongs to no machine, or one that many use.
    static let fileLinesMin = 30
    /// How many such files there are. The number only gets smaller.
    static let shortFilesMax = 8

    @Test
    func `a file stays within its limit`() {
        for source in Repository.swift {
            #expect(source.lines.count <= Self.fileLinesMax + 1, "\(source)")
        }
    }

    @Test
    func `few files are too short to hold a machine`() {
        let short = Repository.swift.filter {
            $0.file.path.hasPrefix("Sources/") && $0.lines.count <= Self.fileLinesMin
        }
        #expect(short.count <= Self.shortFilesMax, "\(short.map(\.file.path).sorted().joined(separator: "\n"))")
    }

    @Test
    func `a function stays within its limit`() {
        for source in Repository.swift {
            for function in source.functions where function.length > Self.functionLinesMax {
                Issue.record("\(source):\(function.line) has \(function.length) lines")
            }
        }
    }

    @Test
    func `a line stays within its limit`() {
        for source in Repository.swift {
            for (index, line) in source.lines.enumerated() where line.count > Self.lineColumnsMax {
                Issue.record("\(source):\(index + 1) has \(line.count) columns")
            }
        }
    }

    @Test
    func `the function scanner sees bodies, their ends, and what has none`() {
        let source = SwiftSource(
            RepositoryFile(
                path: "Sources/X/X.swift",
                text: """
                    protocol P {
                        func none() -> Int
                        init(a: Int)
                    }
                    func one() { "}" }
                    func four(
                        a: () -> Void = { }
                    ) {
                    }
                    var three: Int {
                        1
                    }
                    let x = Y.init(a: { 3 })
                    func text() {
                        // }
                        let s = "\\(f("}")) {"
                    }
                    """
            )
        )
        #expect(source.functions.map(\.line) == [5, 6, 10, 14])
        #expect(source.functions.map(\.length) == [1, 4, 3, 4])
    }
}
