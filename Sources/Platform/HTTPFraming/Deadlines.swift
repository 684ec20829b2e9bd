/// The deadlines of a loop's connections, at most one per slot, in one queue per kind. All deadlines of a kind are
/// equally long, so each queue is sorted: setting, cancelling and finding the earliest cost the same at any count.
package struct Deadlines {
    package enum Kind: UInt8, CaseIterable, Sendable {
        case head, body, idle, answer, write, linger, handshake
    }

    /// A link of its kind's ring. The first nodes are the rings' anchors, one per kind; slot 0 comes behind them.
    private struct Node {
        var next: Int32
        var previous: Int32
        var kind: Kind?
        var nanoseconds: UInt64
    }

    private static let anchors = Kind.allCases.count

    private var nodes: [Node]
    private let durations: InlineArray<7, UInt64>

    package init(limits: Limits) {
        nodes = (0..<Int32(Self.anchors)).map { Node(next: $0, previous: $0, kind: nil, nanoseconds: .max) }
        let milliseconds: InlineArray<7, Int> = [
            limits.headDeadlineMilliseconds, limits.bodyDeadlineMilliseconds, limits.idleDeadlineMilliseconds,
            limits.answerDeadlineMilliseconds, limits.writeDeadlineMilliseconds, limits.lingerDeadlineMilliseconds,
            limits.handshakeDeadlineMilliseconds,
        ]
        durations = InlineArray { UInt64(milliseconds[$0]) * 1_000_000 }
    }

    package mutating func grow(to slotCount: Int) {
        while nodes.count < slotCount + Self.anchors {
            nodes.append(Node(next: -1, previous: -1, kind: nil, nanoseconds: .max))
        }
    }

    package mutating func set(_ slot: Int, _ kind: Kind, now: UInt64) {
        let index = slot + Self.anchors
        if nodes[index].kind != nil { unlink(index) }
        let anchor = Int(kind.rawValue)
        let last = nodes[anchor].previous
        let nanoseconds = now &+ durations[anchor]
        nodes[index] = Node(next: Int32(anchor), previous: last, kind: kind, nanoseconds: nanoseconds)
        nodes[Int(last)].next = Int32(index)
        nodes[anchor].previous = Int32(index)
    }

    package mutating func cancel(_ slot: Int) {
        let index = slot + Self.anchors
        guard nodes[index].kind != nil else { return }
        unlink(index)
        nodes[index].kind = nil
    }

    package func kind(of slot: Int) -> Kind? { nodes[slot + Self.anchors].kind }

    /// The slot whose deadline of this kind was set longest ago.
    package func oldest(_ kind: Kind) -> Int? {
        let first = Int(nodes[Int(kind.rawValue)].next)
        return first < Self.anchors ? nil : first - Self.anchors
    }

    /// The slots whose deadlines of this kind were set longest ago, oldest first.
    package func oldest(_ kind: Kind, countMax: Int) -> [Int] {
        var slots: [Int] = []
        var next = Int(nodes[Int(kind.rawValue)].next)
        while next >= Self.anchors, slots.count < countMax {
            slots.append(next - Self.anchors)
            next = Int(nodes[next].next)
        }
        return slots
    }

    /// For how long a slot's deadline has been running; zero if it has none.
    package func age(of slot: Int, now: UInt64) -> UInt64 {
        let node = nodes[slot + Self.anchors]
        guard let kind = node.kind else { return 0 }
        let start = node.nanoseconds &- durations[Int(kind.rawValue)]
        return now > start ? now &- start : 0
    }

    /// When the next deadline passes, in the nanoseconds that `set` was given; the far future when none is set.
    package var earliestNanoseconds: UInt64 {
        var earliest = UInt64.max
        for anchor in 0..<Self.anchors {
            earliest = min(earliest, nodes[Int(nodes[anchor].next)].nanoseconds)
        }
        return earliest
    }

    package mutating func takeExpired(now: UInt64) -> (slot: Int, kind: Kind)? {
        for kind in Kind.allCases {
            let index = Int(nodes[Int(kind.rawValue)].next)
            guard index >= Self.anchors, nodes[index].nanoseconds <= now else { continue }
            cancel(index - Self.anchors)
            return (index - Self.anchors, kind)
        }
        return nil
    }

    private mutating func unlink(_ index: Int) {
        let node = nodes[index]
        nodes[Int(node.previous)].next = node.next
        nodes[Int(node.next)].previous = node.previous
    }
}
