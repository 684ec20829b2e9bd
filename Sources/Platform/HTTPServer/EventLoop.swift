import HTTPFraming

/// One thread with its epoll set, its connections, its deadlines and its handler. Not to be touched by other threads.
package final class EventLoop {
    /// Monotonic time, read once per turn.
    @exclusivity(unchecked) package internal(set) var nowNanoseconds = MonotonicClock.nanoseconds()
    /// The server has been told to stop: every further answer closes its connection.
    @exclusivity(unchecked) package internal(set) var isDraining = false

    let limits: Limits
    // Safety: exclusivity is not checked while running, for speed. It holds because one thread touches the loop, and no
    // access to a stored property is open while a handler or a closure is called.

    /// This loop's share of the server's connections.
    let connectionsMax: Int
    /// What the port shows its clients; nil is plain HTTP.
    let tls: TLSIdentity?
    let counters: LoopCounters
    let control: LoopControl
    let events: EventSet
    let answer = AnswerBuffer()
    @exclusivity(unchecked) var handler: (any ExchangeHandler)?
    @exclusivity(unchecked) var date = DateLine()

    @exclusivity(unchecked) var deadlines: Deadlines
    @exclusivity(unchecked) var connections: [Connection] = []
    @exclusivity(unchecked) var freeSlots: [Int] = []
    @exclusivity(unchecked) var openCount = 0
    @exclusivity(unchecked) var pendingCount = 0
    @exclusivity(unchecked) var exchangeNumber: UInt64 = 0
    /// The buffer that was used last; most requests find it warm and give it back in the same turn.
    @exclusivity(unchecked) var spareIntake: Intake?
    /// More buffers that wait for a connection with bytes to read.
    @exclusivity(unchecked) var freeIntakes: [Intake] = []
    /// Connections that could go on but wait for the end of this turn, so that none holds up the others.
    @exclusivity(unchecked) var queue: [Connection] = []

    /// Streamed answers that have something to send at the end of this turn.
    @exclusivity(unchecked) var streaming: [(Connection, StreamedAnswer)] = []

    /// -1 when the loop listens no more.
    @exclusivity(unchecked) var listener: Int32
    /// The kernel may have more connections for us.
    @exclusivity(unchecked) var mayAccept = true
    /// Accepting waits until a connection closes or this time comes.
    @exclusivity(unchecked) var acceptPausedUntil: UInt64 = 0

    @exclusivity(unchecked) var timers: [LoopTimer] = []
    @exclusivity(unchecked) var wakeups: [(descriptor: WakeDescriptor, onWake: () -> Void)] = []

    init(
        listener: Int32,
        limits: Limits,
        connectionsMax: Int,
        tls: TLSIdentity?,
        control: LoopControl
    ) throws(ServerError) {
        self.listener = listener
        self.tls = tls
        self.limits = limits
        self.connectionsMax = connectionsMax
        self.control = control
        self.counters = control.counters
        self.deadlines = Deadlines(limits: limits)
        self.events = try EventSet()
        guard events.addListener(listener),
            events.add(control.wake.descriptor, .control, writes: false)
        else { throw .loop(reason: "epoll_ctl: \(Socket.lastError())") }
    }

    /// The wake-up descriptors outlive the loop's thread: others may ring them until the loop's last owner is gone.
    deinit {
        for wakeup in wakeups {
            wakeup.descriptor.close()
        }
    }

    /// Makes an eventfd in this loop's epoll set. Whoever writes to it, from any thread, has the closure called on the
    /// loop's thread; several writes may lead to one call.
    package func wakeup(_ onWake: @escaping () -> Void) throws(ServerError) -> Int32 {
        let descriptor = try WakeDescriptor()
        guard events.add(descriptor.descriptor, .wakeup(wakeups.count), writes: false) else {
            descriptor.close()
            throw .loop(reason: "epoll_ctl: \(Socket.lastError())")
        }
        wakeups.append((descriptor, onWake))
        return descriptor.descriptor
    }

    /// Calls the closure again and again on the loop's thread, at least this far apart.
    package func every(milliseconds: Int, _ body: @escaping () -> Void) {
        precondition(milliseconds > 0, "A timer's period is at least a millisecond.")
        let period = UInt64(milliseconds) * 1_000_000
        timers.append(LoopTimer(period: period, next: nowNanoseconds + period, body: body))
    }

    /// Runs until the server drains. Returns how many requests were left without an answer.
    func run() -> Int {
        while !isDraining {
            turn()
        }
        return drain()
    }

    /// Waits for events and does what they ask for.
    func turn() {
        let count = events.wait(milliseconds: epollTimeout())
        nowNanoseconds = MonotonicClock.nanoseconds()
        for index in 0..<count {
            let (tag, readiness) = events[index]
            if tag.slot < connections.count {
                let connection = connections[tag.slot]
                if connection.generation == tag.generation {
                    handle(connection, readiness)
                }
            } else {
                handle(tag)
            }
        }
        expireDeadlines()
        runTimers()
        serveQueue()
        acceptConnections()
        flushStreams()
    }

    private func handle(_ tag: EventSet.Tag) {
        switch tag {
        case .listener:
            mayAccept = true
        case .control:
            isDraining = true
        default:
            let index = tag.slot - EventSet.Tag.wakeupsBegin
            if index >= 0, index < wakeups.count {
                wakeups[index].onWake()
            }
        }
    }

    private func runTimers() {
        for index in timers.indices where timers[index].next <= nowNanoseconds {
            timers[index].next = nowNanoseconds + timers[index].period
            timers[index].body()
        }
    }

    private func serveQueue() {
        guard !queue.isEmpty else { return }
        let waiting = queue
        queue.removeAll(keepingCapacity: true)
        for connection in waiting {
            connection.isQueued = false
            if connection.phase.reads {
                serve(connection)
            }
        }
    }

    /// How long the loop may sleep, in milliseconds; -1 is for ever.
    private func epollTimeout() -> Int32 {
        guard queue.isEmpty, streaming.isEmpty, !(mayAccept && canAccept) else { return 0 }
        var next = deadlines.earliestNanoseconds
        for timer in timers {
            next = min(next, timer.next)
        }
        if mayAccept, acceptPausedUntil > 0 {
            next = min(next, acceptPausedUntil)
        }
        if isDraining {
            next = min(next, control.drainDeadline)
        }
        guard next != .max else { return -1 }
        guard next > nowNanoseconds else { return 0 }
        return Int32(clamping: (next - nowNanoseconds + 999_999) / 1_000_000)
    }
}

/// A closure that a loop calls again and again.
struct LoopTimer {
    let period: UInt64
    var next: UInt64
    let body: () -> Void
}
