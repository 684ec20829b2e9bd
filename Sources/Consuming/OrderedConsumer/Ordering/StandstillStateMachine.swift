/// Whether this process has stood still for longer than a session (stopped, or without a processor): then its
/// partitions may belong to other members by now, and no call begins before the coordinator has confirmed them. Pure:
/// its inputs are the turns of the loop and the group's events.
struct StandstillStateMachine {
    /// Limit: librdkafka sends a heartbeat, and so learns whether it is still a member, within a second. Nothing comes
    /// if it is; this bounds the wait.
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

    /// The coordinator has assigned partitions, or revoked them.
    mutating func heard() { doubtEnds = nil }
}
