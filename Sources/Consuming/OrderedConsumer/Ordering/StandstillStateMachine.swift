/// Whether this process stood still for longer than a session (stopped, or without a processor): then its partitions
/// may belong to other members by now, and no call begins before the coordinator has confirmed them.
struct StandstillStateMachine {
    /// Limit: within a second a heartbeat tells whether it is still a member; if it is, no event comes.
    static let doubtMax = Duration.seconds(3)

    let session: Duration
    private var lastTurn: Duration?
    /// When the doubt ends by itself; nil without doubt.
    private(set) var doubtEnds: Duration?

    init(session: Duration) { self.session = session }

    /// Until when calls may begin unless there is another turn; nil while there is doubt.
    var beginsUntil: Duration? { doubtEnds == nil ? lastTurn.map { $0 + session } : nil }

    /// Returns how long the process stood still, if that was too long.
    mutating func turn(at now: Duration) -> Duration? {
        let gap = lastTurn.map { now - $0 } ?? .zero
        lastTurn = now
        if let ends = doubtEnds, ends <= now { doubtEnds = nil }
        guard gap >= session else { return nil }
        doubtEnds = now + Self.doubtMax
        return gap
    }

    /// The coordinator has assigned or revoked partitions.
    mutating func heard() { doubtEnds = nil }
}
