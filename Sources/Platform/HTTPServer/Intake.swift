import CLinux
import HTTPFraming

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

    init(limits: Limits) {
        let capacity = max(limits.readBytesMax, limits.headBytesMax)
        parserMemory = .allocate(capacity: 1)
        parserMemory.initialize(to: RequestParser(limits: limits))
        base = .allocate(capacity: capacity)
        base.initialize(repeating: 0, count: capacity)
        self.capacity = capacity
        usualCapacity = capacity
    }

    deinit {
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
    /// doubles, so that nobody gets memory for bytes that were only announced.
    func makeRoom(requestBytes: Int) {
        if start > 0, capacity - start < requestBytes || end == capacity {
            memmove(base, base + start, end - start)
            end -= start
            start = 0
        }
        guard end == capacity || (capacity < requestBytes && end > capacity / 2) else { return }
        let larger = max(end + 1, min(requestBytes, capacity * 2))
        guard larger > capacity else { return }
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        memory.initialize(from: base, count: end)
        (memory + end).initialize(repeating: 0, count: larger - end)
        base.deallocate()
        base = memory
        capacity = larger
    }
}

/// The intakes that a loop's connections share: most requests get the last one warm, and return it in the same turn.
final class IntakePool {
    // Limit: intakes kept for later; more are needed only while that many connections are within a request.
    private static let freeMax = 64

    let limits: Limits
    let counters: LoopCounters
    /// The one that was used last.
    @exclusivity(unchecked) private var spare: Intake?
    @exclusivity(unchecked) private var free: [Intake] = []

    init(limits: Limits, counters: LoopCounters) {
        self.limits = limits
        self.counters = counters
    }

    func take() -> Intake { spare.take() ?? free.popLast() ?? Intake(limits: limits) }

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
