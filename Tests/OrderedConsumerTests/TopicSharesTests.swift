import Testing

@testable import OrderedConsumer

@Suite
struct TopicSharesTests {
    private static let cases: [(counts: [Int32: Int64], recordsMax: Int64, shares: [Int32: Int64])] = [
        ([0: 5, 1: 5], 10, [0: 5, 1: 5]), ([0: 5, 1: 5], 100, [0: 5, 1: 5]), ([0: 8, 1: 8], 10, [0: 5, 1: 5]),
        ([0: 1, 1: 8, 2: 9], 11, [0: 1, 1: 5, 2: 5]), ([0: 3, 1: 3], 1, [0: 0, 1: 1]), ([0: 3], 0, [0: 0]),
        ([:], 5, [:]), ([0: 0, 1: 7], 5, [0: 0, 1: 5]),
    ]

    @Test(arguments: cases)
    func `what a partition leaves of its share goes to the others`(
        counts: [Int32: Int64],
        recordsMax: Int64,
        shares: [Int32: Int64]
    ) {
        #expect(TopicReading.shares(of: counts, recordsMax: recordsMax) == shares)
    }
}
