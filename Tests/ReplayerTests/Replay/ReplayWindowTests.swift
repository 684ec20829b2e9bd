import Testing

@testable import Replayer

struct ReplayWindowTests {
    private static let hour: Int64 = 3_600_000
    private static let now = 100 * hour

    private func bounds(
        _ kept: Range<Int64>,
        from: Int64? = nil,
        to: Int64? = nil,
        oldest: Int64? = nil
    ) -> PartitionBounds {
        PartitionBounds(partition: 0, kept: kept, atFrom: from, atTo: to, oldest: oldest)
    }

    private func window(_ request: WindowRequest, _ bounds: PartitionBounds...) throws -> ReplayWindow {
        try ReplayWindow(request, bounds, now: Self.now)
    }

    /// Where the brokers find the ends of a window by times, and what comes of it.
    private struct Ends: Sendable {
        var from: Int64?
        var to: Int64?
        let window: Range<Int64>
    }

    private static let ends = [
        Ends(window: 10..<50), Ends(from: 30, to: 45, window: 30..<45), Ends(from: 30, window: 30..<50),
        Ends(to: 45, window: 10..<45), Ends(from: 50, window: 50..<50),
        // The look-up of the end came after others had written, or the one of the beginning found what is gone.
        Ends(from: 30, to: 60, window: 30..<50), Ends(from: 5, to: 45, window: 10..<45),
        // The beginning lies behind the end when nothing between them was written.
        Ends(from: 47, to: 45, window: 45..<45),
    ]

    @Test(arguments: ends)
    private func `a window by times is where the brokers find them, within what is kept`(_ ends: Ends) throws {
        let request = WindowRequest.times(from: ends.from.map { _ in 20 }, to: ends.to.map { _ in 40 })
        let window = try window(request, bounds(10..<50, from: ends.from, to: ends.to))
        #expect(window.stretches.map { $0.first..<$0.end } == [ends.window])
        #expect(window.isEmpty == ends.window.isEmpty)
        #expect(window.from == request.times.from && window.to == request.times.to)
    }

    @Test(arguments: [
        (OffsetRange(partition: 0, first: 20, last: 29), 20..<30),
        (OffsetRange(partition: 0, first: 20, last: nil), 20..<50),
        (OffsetRange(partition: 0, first: 0, last: 19), 10..<20),
        (OffsetRange(partition: 0, first: 40, last: 99), 40..<50),
        (OffsetRange(partition: 0, first: 0, last: 5), 6..<6),
        (OffsetRange(partition: 0, first: 60, last: 99), 50..<50),
    ])
    func `a window by offsets holds both ends, within what is kept`(
        _ range: OffsetRange,
        _ expected: Range<Int64>
    ) throws {
        let window = try window(.offsets([range], from: nil, to: nil), bounds(10..<50))
        #expect(window.stretches.map { $0.first..<$0.end } == [expected])
    }

    @Test(arguments: [(5 as Int64, 45..<50), (40, 10..<50), (1000, 10..<50), (Int64.max, 10..<50)])
    func `the last so many of a partition are counted from its end`(_ count: Int64, _ expected: Range<Int64>) throws {
        #expect(try window(.last(count), bounds(10..<50)).stretches.map { $0.first..<$0.end } == [expected])
    }

    @Test
    func `what cannot be a window is refused`() {
        #expect(throws: WindowError.startsInFuture(Self.now + 1)) {
            try window(.times(from: Self.now + 1, to: nil), bounds(0..<1))
        }
        #expect(throws: WindowError.backwards(from: 5, to: 5)) { try window(.times(from: 5, to: 5), bounds(0..<1)) }
        #expect(throws: WindowError.noPartition(1, count: 1)) {
            try window(.offsets([OffsetRange(partition: 1, first: 0, last: nil)], from: nil, to: nil), bounds(0..<1))
        }
    }

    @Test
    func `a record counts from the first time up to and without the second`() {
        let window = ReplayWindow(stretches: [], from: 10, to: 20)
        #expect([9, 10, 19, 20, nil].map { window.holds(milliseconds: $0) } == [false, true, true, false, false])
        #expect(ReplayWindow(stretches: []).holds(milliseconds: nil))
    }

    private func notices(_ request: WindowRequest, _ bounds: PartitionBounds) throws -> [String] {
        ReplayWindow.notices(request, try window(request, bounds), [bounds], now: Self.now)
    }

    @Test
    func `what a person should know is said before anything moves`() throws {
        #expect(try notices(.times(from: 5, to: 50), bounds(0..<9, from: 2, to: 9)) == [])
        #expect(
            try notices(.times(from: 5, to: Self.now + Self.hour), bounds(0..<9, from: 2, to: 9)) == [
                "--to 1970-01-05T05:00:00.000Z lies in the future: the window ends with what is there now"
            ]
        )
        #expect(
            try notices(.times(from: 5, to: 50), bounds(3..<9, from: 3, to: 9, oldest: 7)) == [
                "partition 0: the window begins before the oldest record that is kept "
                    + "(offset 3, 1970-01-01T00:00:00.007Z); older ones are gone"
            ]
        )
        #expect(
            try notices(.times(from: 5, to: 50), bounds(0..<9, from: 9, to: 9)) == [
                "the window is empty: there is no record in it"
            ]
        )
        let offsets = WindowRequest.offsets([OffsetRange(partition: 0, first: 1, last: 12)], from: nil, to: nil)
        #expect(
            try notices(offsets, bounds(3..<9)) == [
                "partition 0: offsets 1 to 2 are no longer kept; the oldest is 3",
                "partition 0: it has no offset 12 yet, its next one is 9",
            ]
        )
    }
}
