/// Redriven offsets as JSON: `next` and pairs of the first and the last offset of each range.
struct RedrivenDocument: VersionedDocument {
    let version: Int
    let next: Int64
    let done: [[Int64]]

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case next, done
    }

    init(_ offsets: RedrivenOffsets) {
        version = StateDocument.version
        next = offsets.next
        done = offsets.ranges.map { [$0.lowerBound, $0.upperBound] }
    }

    /// Nil if a pair is none, or an offset cannot be one.
    var offsets: RedrivenOffsets? {
        guard next >= 0 else { return nil }
        var ranges: [ClosedRange<Int64>] = []
        for pair in done {
            guard pair.count == 2, pair[0] <= pair[1], pair.allSatisfy(RedrivenOffsets.isOffset) else { return nil }
            ranges.append(pair[0]...pair[1])
        }
        return RedrivenOffsets(next: next, ranges: ranges)
    }
}
