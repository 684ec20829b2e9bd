/// Whether this process has stood still for longer than a session (stopped, or without a processor): then its
/// partitions may be others' by now, and nothing is begun before the group has spoken. Pure: turns of the loop and the
/// group's events come in.
struct StandstillStateMachine {
    /// Limit: librdkafka looks at its session, and asks the group, once a second. It speaks in any case; this bounds a
    /// wait for nothing.
    static let doubtMax = Duration.seconds(3)

    let session: Duration
    private var lastTurn: Duration?
    /// When doubt ends by itself; nil without doubt.
    private(set) var doubtEnds: Duration?

    init(session: Duration) { self.session = session }

    /// Until when calls may begin, unless there is another turn before; nil while there is doubt.
    var beginsUntil: Duration? { doubtEnds == nil ? lastTurn.map { $0 + session } : nil }

    /// A turn of the loop. Returns for how long the process stood still, if that was too long.
    mutating func turn(at now: Duration) -> Duration? {
        let gap = lastTurn.map { now - $0 } ?? .zero
        lastTurn = now
        if let ends = doubtEnds, ends <= now { doubtEnds = nil }
        guard gap >= session else { return nil }
        doubtEnds = now + Self.doubtMax
        return gap
    }

    /// The group has said which partitions are this member's, or that they no longer are.
    mutating func heard() { doubtEnds = nil }
}
