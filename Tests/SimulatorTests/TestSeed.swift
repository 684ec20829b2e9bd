import FoundationEssentials

/// The seed of a property test: of this moment, or the one that `NOTION_RELAY_TEST_SEED` names to repeat a failure.
enum TestSeed {
    static let value: UInt64 =
        ProcessInfo.processInfo.environment["NOTION_RELAY_TEST_SEED"].flatMap(UInt64.init)
        ?? UInt64.random(in: 0...UInt64.max)

    static var comment: String { "NOTION_RELAY_TEST_SEED=\(value)" }
}
