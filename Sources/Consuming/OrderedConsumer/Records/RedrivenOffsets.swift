/// Offsets of a partition that are done: all below `next`, and ranges above it.
///
/// Its form is normal: ranges are in order, apart from each other and from `next`, so equal sets are equal values.
public struct RedrivenOffsets: Sendable, Equatable {
    /// The first offset that is not done.
    public private(set) var next: Int64
    /// The done offsets above `next`.
    public private(set) var ranges: [ClosedRange<Int64>] = []

    /// A set of all offsets below `next` and those of the ranges, which may come in any order and overlap.
    public init(next: Int64 = 0, ranges: [ClosedRange<Int64>] = []) {
        precondition(next >= 0, "Offsets count up from 0.")
        self.next = next
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) { insert(range) }
    }

    /// Kafka's offsets count up from 0. The largest number has none after it, so it is left out.
    static func isOffset(_ number: Int64) -> Bool { (0..<Int64.max).contains(number) }

    /// Adds an offset.
    public mutating func insert(_ offset: Int64) { insert(offset...offset) }

    /// Adds offsets.
    public mutating func insert(_ range: ClosedRange<Int64>) {
        precondition(
            Self.isOffset(range.lowerBound) && Self.isOffset(range.upperBound),
            "An offset is neither negative nor the largest number."
        )
        if range.lowerBound <= next { return advance(to: range.upperBound + 1) }
        // Those that touch or overlap the new range become one with it.
        let first = firstRange(endingAtOrAbove: range.lowerBound - 1)
        var end = first
        var merged = range
        while end < ranges.count, ranges[end].lowerBound <= range.upperBound + 1 {
            merged = min(merged.lowerBound, ranges[end].lowerBound)...max(merged.upperBound, ranges[end].upperBound)
            end += 1
        }
        ranges.replaceSubrange(first..<end, with: CollectionOfOne(merged))
    }

    /// Adds all offsets below `bound`.
    public mutating func advance(to bound: Int64) {
        guard bound > next else { return }
        next = bound
        var passed = 0
        while passed < ranges.count, ranges[passed].lowerBound <= next {
            next = max(next, ranges[passed].upperBound + 1)
            passed += 1
        }
        ranges.removeFirst(passed)
    }

    /// Whether an offset is done.
    public func contains(_ offset: Int64) -> Bool {
        if offset < next { return true }
        let index = firstRange(endingAtOrAbove: offset)
        return index < ranges.count && ranges[index].contains(offset)
    }

    /// The first offset that is not done, from `offset` on.
    public func firstMissing(from offset: Int64) -> Int64 {
        if offset < next { return next }
        let index = firstRange(endingAtOrAbove: offset)
        guard index < ranges.count, ranges[index].contains(offset) else { return offset }
        return ranges[index].upperBound + 1
    }

    /// How many of the offsets from 0 up to, but not including `bound` are done.
    public func count(below bound: Int64) -> Int64 { count(in: 0..<max(bound, 0)) }

    /// How many of these offsets are done.
    public func count(in offsets: Range<Int64>) -> Int64 {
        guard !offsets.isEmpty else { return 0 }
        var count = max(0, min(next, offsets.upperBound) - max(0, offsets.lowerBound))
        var index = firstRange(endingAtOrAbove: offsets.lowerBound)
        while index < ranges.count, ranges[index].lowerBound < offsets.upperBound {
            let lower = max(ranges[index].lowerBound, offsets.lowerBound)
            count += min(ranges[index].upperBound, offsets.upperBound - 1) - lower + 1
            index += 1
        }
        return count
    }

    /// The index of the first range whose upper bound is not below `offset`; the number of ranges if there is none.
    private func firstRange(endingAtOrAbove offset: Int64) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
