internal import Timestamps

/// Offsets of a partition that are done: all below `next`, and ranges above it.
///
/// Its form is normal: ranges are in order, apart from each other and from `next`, so equal sets are equal values.
public struct CompletedOffsets: Sendable, Equatable {
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

    /// Kafka's offsets start at 0.
    static func isOffset(_ number: Int64) -> Bool { (0...RecordPlace.offsetMax).contains(number) }

    /// The highest offset that is done; -1 if none is.
    package var last: Int64 { ranges.last?.upperBound ?? next - 1 }

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

    /// The first range whose upper bound is not below `offset`; `ranges.count` if there is none.
    private func firstRange(endingAtOrAbove offset: Int64) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static let textPrefix = "relay1:"
    private static let radix = 36

    /// The ranges above `next` as a short text, for the metadata that Kafka keeps beside a committed offset.
    ///
    /// `relay1:` and the ranges with commas between them, in base 36: the distance from `next` or from the end of the
    /// range before, and, if the range has more than one offset, `-` and how many more. What does not fit is left out
    /// from the far end, so that what the text says is always true; empty if nothing fits.
    public func text(bytesMax: Int) -> String {
        guard Self.textPrefix.utf8.count <= bytesMax else { return "" }
        var text = Self.textPrefix
        var end = next
        for range in ranges {
            var part = end == next ? "" : ","
            part += String(range.lowerBound - end, radix: Self.radix)
            if range.count > 1 { part += "-" + String(range.upperBound - range.lowerBound, radix: Self.radix) }
            guard text.utf8.count + part.utf8.count <= bytesMax else { break }
            text += part
            end = range.upperBound + 1
        }
        return text
    }

    /// Reads such a text, which stood beside the committed offset `next`. Nil for a text that somebody else wrote.
    public init?(text: String, next: Int64) {
        guard next >= 0, text.hasPrefix(Self.textPrefix) else { return nil }
        self.init(next: next)
        let list = text.utf8.dropFirst(Self.textPrefix.utf8.count)
        if list.isEmpty { return }
        var end = next
        for part in list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let numbers = part.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            guard (1...2).contains(numbers.count), let distance = Self.number(numbers[0]) else { return nil }
            let more = numbers.count == 2 ? Self.number(numbers[1]) : 0
            guard let more else { return nil }
            let (lower, isTooLow) = end.addingReportingOverflow(distance)
            let (upper, isTooHigh) = lower.addingReportingOverflow(more)
            guard !isTooLow, !isTooHigh, Self.isOffset(upper) else { return nil }
            insert(lower...upper)
            end = upper + 1
        }
    }

    /// A number above zero in base 36, in its only valid form.
    private static func number(_ text: Substring.UTF8View) -> Int64? {
        let text = Substring(text)
        guard let number = Int64(text, radix: radix), number > 0, String(number, radix: radix) == text else {
            return nil
        }
        return number
    }
}

/// Redriven offsets as JSON: `next`, and the first and last offset of each range; `ranges`, as
/// ``CompletedOffsets/text(bytesMax:)`` writes them, in place of a list that would be longer than a record may be.
struct RedrivenDocument: VersionedDocument {
    /// Limit: so many pairs are some 20 KB.
    private static let pairsMax = 1000

    let version: Int
    let next: Int64
    let done: [[Int64]]
    let ranges: String?
    let lastFailure: String?

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case lastFailure = "last_failure"
        case next, done, ranges
    }

    init(_ offsets: CompletedOffsets, lastFailureMilliseconds: Int64?) {
        version = StateDocument.version
        next = offsets.next
        let isShort = offsets.ranges.count <= Self.pairsMax
        done = isShort ? offsets.ranges.map { [$0.lowerBound, $0.upperBound] } : []
        ranges = isShort ? nil : offsets.text(bytesMax: .max)
        lastFailure = lastFailureMilliseconds.map { Timestamp.text(milliseconds: $0) }
    }

    /// Nil if a pair or an offset is invalid.
    var offsets: CompletedOffsets? {
        guard next >= 0 else { return nil }
        if let ranges { return CompletedOffsets(text: ranges, next: next) }
        var found: [ClosedRange<Int64>] = []
        for pair in done {
            guard pair.count == 2, pair[0] <= pair[1], pair.allSatisfy(CompletedOffsets.isOffset) else { return nil }
            found.append(pair[0]...pair[1])
        }
        return CompletedOffsets(next: next, ranges: found)
    }

    var lastFailureMilliseconds: Int64? { lastFailure.flatMap { Timestamp.milliseconds($0) } }
}
