import Testing

@Suite
struct FixtureTests {
    private static let kept = Repository.files.filter {
        $0.isTest && ($0.path.contains("/Fixtures/") || $0.path.contains("/Golden/")) && $0.name != ".keep"
    }

    /// A file is used when a test names it, or when it pairs with another kept file of the same stem: the golden of a
    /// fixture, and the fixture of a golden. (Tests that walk over a whole folder find the pairs by themselves.)
    @Test
    func `every fixture and golden is used`() {
        for file in Self.kept {
            let stem = Self.stem(file)
            let isPaired = Self.kept.contains { $0.path != file.path && Self.stem($0) == stem }
            let isNamed = Repository.swift.contains { source in
                source.file.isTest
                    && (source.file.text.contains("\"\(file.name)\"") || source.file.text.contains("\"\(stem)\""))
            }
            #expect(isPaired || isNamed, "\(file) is used by no test")
        }
    }

    private static func stem(_ file: RepositoryFile) -> String {
        String(file.name.split(separator: ".").dropLast().joined(separator: "."))
    }
}
