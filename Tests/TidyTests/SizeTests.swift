import Testing

@Suite
struct SizeTests {
    static let fileLinesMax = 500
    static let functionLinesMax = 70
    static let lineColumnsMax = 120

    @Test
    func `a file stays within its limit`() {
        for source in Repository.swift {
            #expect(source.lines.count <= Self.fileLinesMax + 1, "\(source)")
        }
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
