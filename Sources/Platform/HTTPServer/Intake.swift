import CLinux
import HTTPFraming
import Synchronization

/// What a connection needs only while it has bytes to read: a buffer and a parser. Idle connections have none. All
/// offsets into the buffer are checked here; other files see the memory as spans only.
final class Intake {
    private let parserMemory: UnsafeMutablePointer<RequestParser>
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// The first byte of the request that is being read.
    private var start = 0
    private var end = 0

    private let usualCapacity: Int
    private let growth: GrowthBudget

    init(limits: Limits, growth: GrowthBudget) {
        self.growth = growth
        let capacity = max(limits.readBytesMax, limits.headBytesMax)
        parserMemory = .allocate(capacity: 1)
        parserMemory.initialize(to: RequestParser(limits: limits))
        base = .allocate(capacity: capacity)
        base.initialize(repeating: 0, count: capacity)
        self.capacity = capacity
        usualCapacity = capacity
    }

    deinit {
        growth.giveBack(capacity - usualCapacity)
        parserMemory.deinitialize(count: 1)
        parserMemory.deallocate()
        base.deallocate()
    }

    /// Lies in memory of its own, so that a view into its fields can be handed out during a call.
    var parser: RequestParser {
        @inline(__always)
        unsafeAddress { UnsafePointer(parserMemory) }
        @inline(__always)
        unsafeMutableAddress { parserMemory }
    }

    var isEmpty: Bool { start == end }

    var hasGrown: Bool { capacity > usualCapacity }

    var count: Int { end - start }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let span = Span(_unsafeStart: UnsafePointer(base + start), count: end - start)
            return _overrideLifetime(span, borrowing: self)
        }
    }

    func parseHead() -> RequestParser.Step { parser.parseHead(bytes) }

    func parseBody() -> RequestParser.Step {
        var span = MutableSpan(_unsafeStart: base + start, count: end - start)
        let step = parser.parseBody(&span)
        if step == .needMore, parser.isChunked {
            end = start + parser.retainedCount
            parser.dropDecoded()
        }
        return step
    }

    @inline(__always)
    func withHead<Result>(_ body: (borrowing RequestHead) -> Result) -> Result {
        body(parserMemory.pointee.head(over: bytes))
    }

    @inline(__always)
    func withRequest(from client: ClientAddress, _ body: (borrowing Request) -> Void) {
        let content = bytes.extracting(parser.body)
        body(Request(head: parserMemory.pointee.head(over: bytes), body: content, client: client))
    }

    /// Receives once. `filled` says that there may be more to receive.
    @inline(__always)
    func receive(from socket: Int32) -> (transfer: Socket.Transfer, filled: Bool) {
        let room = capacity - end
        let transfer = Socket.receive(socket, base + end, room)
        guard case .bytes(let count) = transfer else { return (transfer, false) }
        end += min(count, room)
        return (transfer, count == room)
    }

    /// A record at a time, until the buffer is full or there is no more for now.
    func receive(from tls: TLSSession) -> (transfer: Socket.Transfer, filled: Bool) {
        let room = capacity - end
        var received = 0
        while received < room {
            let transfer = tls.receive(base + end, room - received)
            guard case .bytes(let count) = transfer, count > 0 else {
                // What was read before is served first: the end, or the fault, shows again with the next read.
                return received > 0 ? (.bytes(received), true) : (transfer, false)
            }
            received += count
            end += count
            guard tls.mayHaveMore else { return (.bytes(received), false) }
        }
        return (.bytes(received), true)
    }

    func drop(_ count: Int) {
        precondition(count >= 0 && count <= end - start, "Only bytes that were received can be dropped.")
        start += count
        if start == end {
            start = 0
            end = 0
        }
    }

    func dropAll() {
        start = 0
        end = 0
    }

    /// Makes room for at least a byte, and for a request of this many bytes if that is close: the buffer at most
    /// doubles, so that nobody gets memory for bytes that were only announced. False if no more memory is granted.
    func makeRoom(requestBytes: Int, isProven: Bool) -> Bool {
        if start > 0, capacity - start < requestBytes || end == capacity {
            memmove(base, base + start, end - start)
            end -= start
            start = 0
        }
        guard end == capacity || (capacity < requestBytes && end > capacity / 2) else { return true }
        let larger = max(end + 1, min(requestBytes, capacity * 2))
        guard larger > capacity else { return true }
        guard growth.take(larger - capacity, isProven: isProven) else { return false }
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        memory.initialize(from: base, count: end)
        (memory + end).initialize(repeating: 0, count: larger - end)
        base.deallocate()
        base = memory
        capacity = larger
        return true
    }

    /// Whether a request of this many bytes has room, or some growth is left. Asked before its body is read.
    func mayHold(_ requestBytes: Int, isProven: Bool) -> Bool {
        requestBytes <= capacity || growth.isLeft(isProven: isProven)
    }
}

/// What the intakes of all loops may take beyond their usual size. Counted as it is taken, and not as it is announced.
final class GrowthBudget: Sendable {
    private let bytesMax: Int
    private let bytes = Atomic<Int>(0)

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// The last quarter is for known senders.
    private func limit(isProven: Bool) -> Int { isProven ? bytesMax : bytesMax - bytesMax / 4 }

    func isLeft(isProven: Bool) -> Bool { bytes.load(ordering: .relaxed) < limit(isProven: isProven) }

    func take(_ count: Int, isProven: Bool) -> Bool {
        guard bytes.add(count, ordering: .relaxed).newValue > limit(isProven: isProven) else { return true }
        giveBack(count)
        return false
    }

    func giveBack(_ count: Int) { if count > 0 { bytes.subtract(count, ordering: .relaxed) } }
}

/// The intakes that a loop's connections share: most requests get the last one warm, and return it in the same turn.
final class IntakePool {
    // Limit: intakes kept for later; more are needed only while that many connections are within a request.
    private static let freeMax = 64

    let limits: Limits
    let counters: LoopCounters
    private let growth: GrowthBudget
    /// The one that was used last.
    @exclusivity(unchecked) private var spare: Intake?
    @exclusivity(unchecked) private var free: [Intake] = []

    init(limits: Limits, counters: LoopCounters, growth: GrowthBudget) {
        self.limits = limits
        self.counters = counters
        self.growth = growth
    }

    func take() -> Intake { spare.take() ?? free.popLast() ?? Intake(limits: limits, growth: growth) }

    func giveBack(_ intake: Intake) {
        intake.parser.reset()
        guard !intake.hasGrown else { return }
        if spare == nil {
            spare = intake
        } else if free.count < Self.freeMax {
            free.append(intake)
        }
    }
}
