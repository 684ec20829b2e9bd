/// What became of the records that were read. The names, in snake case, are those of summaries and checkpoints.
package struct ReplayCounts: Sendable, Equatable, Codable {
    /// Records of the window's offsets.
    package var read = 0
    /// Records that were to be sent.
    package var matched = 0
    /// Records that the target has.
    package var sent = 0
    /// Records that the target will never take.
    package var failed = 0
    /// Records in the window's offsets whose time lies outside of it.
    package var outside = 0
    /// Why others were left out: not asked for; replayed too often already; sent back from a group's dead letters, so
    /// that they stand in the topic twice.
    package var filtered = 0
    package var looped = 0
    package var redriven = 0
    /// Stored bodies that still cannot be published, by reason.
    package var unreadable: [String: Int] = [:]

    package init() {}

    package static func + (left: ReplayCounts, right: ReplayCounts) -> ReplayCounts {
        var sum = left
        sum.read += right.read
        sum.matched += right.matched
        sum.sent += right.sent
        sum.failed += right.failed
        sum.outside += right.outside
        sum.filtered += right.filtered
        sum.looped += right.looped
        sum.redriven += right.redriven
        sum.unreadable.merge(right.unreadable) { $0 + $1 }
        return sum
    }
}
