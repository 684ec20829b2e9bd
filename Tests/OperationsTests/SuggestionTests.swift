import Testing

@testable import Operations

@Suite
struct SuggestionTests {
    static let distances: [(from: String, to: String, distance: Int)] = [
        ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "ab", 1), ("ab", "abc", 1),
        ("abcd", "abdc", 1), ("kitten", "sitting", 3), ("ABC", "abc", 0),
    ]

    @Test(arguments: distances)
    func `the distance counts what was mistyped`(from: String, to: String, distance: Int) {
        #expect(Suggestion.distance(from, to) == distance)
        #expect(Suggestion.distance(to, from) == distance)
    }

    @Test
    func `the nearest name is suggested, and none that is far`() {
        #expect(Suggestion.nearest(to: "--toppic", among: ["--path", "--topic", "--loops"]) == "--topic")
        #expect(Suggestion.nearest(to: "--colour", among: ["--path", "--topic", "--loops"]) == nil)
        #expect(Suggestion.nearest(to: String(repeating: "a", count: 100), among: ["--path"]) == nil)
    }
}
