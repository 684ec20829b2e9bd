/// What decides how lanes work, out of the consumer's settings.
struct LaneRules: Sendable {
    var group: String
    /// Calls that may run at once.
    var lanesMax = 100
    /// Records that wait or are being handled, and their bytes.
    var recordsMax = 10_000
    var bytesMax = 64 << 20
    /// From the first unfinished record of a partition to the newest one that was read.
    var aheadMax = 100_000
    var retry = RetryPolicy()
    var afterDeadLetter = AfterDeadLetter.park
    var parkedKeysMax = 100_000
    var isCoalescing = false
    /// Limit: records that one coalesced call may stand for.
    var coalescedMax = 1_000
    var reorderWindow = Duration.zero
    var dedupeWindow = 10_000
    var skipsReplays = false
    var lateKeysMax = 10_000
    var handlerDeadline: Duration?

    init(group: String) { self.group = group }

    var isReordering: Bool { reorderWindow > .zero }
}

/// What happens to a key after one of its records became a dead letter.
public enum AfterDeadLetter: String, Sendable, CaseIterable {
    /// Its later records follow into the dead letters until those are redriven, so that their order survives.
    case park
    /// Its later records are handled: for handlers that do not depend on order.
    case `continue`
}
