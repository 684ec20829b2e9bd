import CLinux
import HTTPFraming

/// One thread with its epoll set, its connections, its deadlines and its handler. Not to be touched by other threads.
package final class EventLoop {
    private struct Timer {
        let period: UInt64
        var next: UInt64
        let body: () -> Void
    }

    // Limit: connections accepted in one turn, so that a burst does not hold up the ones that are open.
    private static let acceptsPerTurn = 64
    // Limit: idle connections looked at to find one that may be closed for a new one.
    private static let evictionTriesMax = 4
    // Limit: proven connections that are passed over to find one that may be closed.
    private static let unfinishedTriesMax = 64
    // Limit: how long a request may take to come before its connection is closed for a new client.
    private static let unfinishedNanoseconds: UInt64 = 1_000_000_000

    // Safety: exclusivity is not checked while running, for speed. It holds because one thread touches the loop, and no
    // access to a stored property is open while a handler or a closure is called.

    /// Monotonic time, read once per turn.
    @exclusivity(unchecked) package private(set) var nowNanoseconds = MonotonicClock.nanoseconds()
    /// The server has been told to stop: every further answer closes its connection.
    @exclusivity(unchecked) package private(set) var isDraining = false

    let limits: Limits
    let counters: LoopCounters
    let answer = AnswerBuffer()
    @exclusivity(unchecked) private(set) var handler: (any ExchangeHandler)?

    /// What the port shows its clients; nil is plain HTTP.
    let tls: TLSIdentity?
    /// Where each connection begins with a PROXY protocol header; nil elsewhere.
    let proxyHeaders: ProxyHeaderReader?

    /// This loop's share of the server's connections.
    private let connectionsMax: Int
    private let control: LoopControl
    private let events: EventSet
    private let intakes: IntakePool

    @exclusivity(unchecked) private var acceptor: Acceptor
    @exclusivity(unchecked) private var deadlines: Deadlines
    @exclusivity(unchecked) private var connections: [Connection] = []
    @exclusivity(unchecked) private var freeSlots: [Int] = []
    @exclusivity(unchecked) private var openCount = 0
    @exclusivity(unchecked) private var exchangeNumber: UInt64 = 0
    /// Connections that could go on but wait for the end of this turn, so that none holds up the others.
    @exclusivity(unchecked) private var queue: [Connection] = []
    /// Streamed answers that have something to send at the end of this turn.
    @exclusivity(unchecked) private var streaming: [StreamedAnswer] = []
    @exclusivity(unchecked) private var timers: [Timer] = []
    @exclusivity(unchecked) private var wakeups: [(descriptor: WakeDescriptor, onWake: () -> Void)] = []

    init(
        listener: Int32,
        limits: Limits,
        connectionsMax: Int,
        tls: TLSIdentity?,
        proxyHeaders: ProxyHeaderReader?,
        control: LoopControl,
        growth: GrowthBudget
    ) throws(ServerError) {
        self.tls = tls
        self.proxyHeaders = proxyHeaders
        self.limits = limits
        self.connectionsMax = connectionsMax
        self.control = control
        counters = control.counters
        acceptor = Acceptor(listener: listener)
        deadlines = Deadlines(limits: limits)
        intakes = IntakePool(limits: limits, counters: control.counters, growth: growth)
        events = try EventSet()
        guard events.addListener(listener),
            events.add(control.wake.descriptor, .control, writes: false)
        else { throw .loop(reason: "epoll_ctl: \(Socket.lastError())") }
    }

    /// The wake-up descriptors outlive the loop's thread: others may ring them until the loop's last owner is gone.
    deinit { for wakeup in wakeups { wakeup.descriptor.close() } }

    /// Makes an eventfd in this loop's epoll set. A write from any thread calls the closure on the loop's thread;
    /// several writes may lead to one call.
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
        timers.append(Timer(period: period, next: nowNanoseconds + period, body: body))
    }

    /// Answers an exchange, in any order. One that is over, because its client left or its deadline passed, is ignored.
    package func respond(_ exchange: Exchange, _ head: ResponseHead, body: Span<UInt8>) {
        connection(of: exchange)?.respond(head, body: body)
    }

    /// The subject (RFC 4514) of the verified client certificate of an open exchange; nil when none was asked for.
    package func clientSubject(of exchange: Exchange) -> String? { connection(of: exchange)?.clientSubject }

    /// Begins an answer that the owner writes piece by piece. Only the client's time to take what was written is
    /// limited; a client that is gone is noticed when something is written, so a silent owner writes a keep-alive now
    /// and then. Returns false for a HEAD request, which the head alone has answered, and for an exchange that is over.
    package func beginStream(
        _ exchange: Exchange,
        _ head: ResponseHead,
        onEvent: @escaping (StreamEvent) -> Void
    ) -> Bool { connection(of: exchange)?.beginStream(head, onEvent: onEvent) ?? false }

    /// Takes as many of the bytes as there is room for and returns how many; if not all, `room` follows when the client
    /// has taken what was written. Nil when the answer is over.
    package func writeStream(_ exchange: Exchange, _ bytes: Span<UInt8>) -> Int? {
        connection(of: exchange)?.stream?.write(bytes)
    }

    package func streamRoom(_ exchange: Exchange) -> Int? { connection(of: exchange)?.stream?.room }

    package func endStream(_ exchange: Exchange) { connection(of: exchange)?.stream?.end() }

    @inline(__always)
    private func connection(of exchange: Exchange) -> Connection? {
        guard exchange.slot < connections.count else { return nil }
        let connection = connections[exchange.slot]
        return connection.isServing(exchange) ? connection : nil
    }

    func nextExchange(_ slot: Int) -> Exchange {
        exchangeNumber &+= 1
        return Exchange(number: exchangeNumber, slot: slot)
    }

    func setDeadline(_ slot: Int, _ kind: Deadlines.Kind) { deadlines.set(slot, kind, now: nowNanoseconds) }

    func cancelDeadline(_ slot: Int) { deadlines.cancel(slot) }

    func deadlineKind(of slot: Int) -> Deadlines.Kind? { deadlines.kind(of: slot) }

    func enqueue(_ connection: Connection) { queue.append(connection) }

    func enqueue(_ stream: StreamedAnswer) { streaming.append(stream) }

    func release(_ connection: Connection, of client: ClientAddress) {
        control.addresses?.giveBack(client)
        freeSlots.append(connection.slot)
        openCount -= 1
        counters.connectionsOpen.add(-1)
        acceptor.endPause()
    }

    func begin(with handler: any ExchangeHandler) { self.handler = handler }

    /// Runs until the server drains. Returns how many requests were left without an answer.
    func run() -> Int {
        while !isDraining {
            turn()
        }
        let unanswered = drain()
        handler?.ended()
        control.beginTurn(at: 0)
        // The handler and the connections own the loop, and the loop owns them: this breaks the cycles.
        handler = nil
        connections = []
        timers = []
        wakeups = wakeups.map { ($0.descriptor, {}) }
        return unanswered
    }

    private func turn() {
        control.beginTurn(at: 0)
        let count = events.wait(milliseconds: epollTimeout())
        nowNanoseconds = MonotonicClock.nanoseconds()
        control.beginTurn(at: nowNanoseconds)
        for index in 0..<count {
            let (tag, readiness) = events[index]
            if tag.slot < connections.count {
                let connection = connections[tag.slot]
                if connection.generation == tag.generation { connection.handle(readiness) }
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
        case .listener: acceptor.noteClients()
        case .control: isDraining = true
        default:
            let index = tag.slot - EventSet.Tag.wakeupsBegin
            if index >= 0, index < wakeups.count { wakeups[index].onWake() }
        }
    }

    private func expireDeadlines() {
        guard deadlines.earliestNanoseconds <= nowNanoseconds else { return }
        while let (slot, kind) = deadlines.takeExpired(now: nowNanoseconds) {
            connections[slot].expire(kind)
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
        for connection in waiting { connection.serveQueued() }
    }

    private func flushStreams() {
        guard !streaming.isEmpty else { return }
        let waiting = streaming
        streaming.removeAll(keepingCapacity: true)
        for stream in waiting { stream.flushQueued() }
    }

    /// How long the loop may sleep, in milliseconds; -1 is for ever.
    private func epollTimeout() -> Int32 {
        guard queue.isEmpty, streaming.isEmpty, !acceptor.canAccept(now: nowNanoseconds) else { return 0 }
        var next = min(deadlines.earliestNanoseconds, acceptor.pauseEnd)
        for timer in timers { next = min(next, timer.next) }
        if isDraining { next = min(next, control.drainDeadline) }
        guard next != .max else { return -1 }
        guard next > nowNanoseconds else { return 0 }
        return Int32(clamping: (next - nowNanoseconds + 999_999) / 1_000_000)
    }

    private func acceptConnections() {
        guard acceptor.canAccept(now: nowNanoseconds) else { return }
        acceptor.endPause()
        for _ in 0..<Self.acceptsPerTurn {
            if openCount >= connectionsMax {
                // No connection is closed for a client that is not there.
                guard acceptor.hasClient() else { return }
                guard closeOldestIdle() || closeOldestUnfinished() else { return pauseAccepting(.connectionsMax) }
            }
            switch acceptor.accept() {
            case .connection(let socket, let client): admit(socket, client)
            case .skipped: continue
            case .none: return
            case .exhausted: if !closeOldestIdle(), !closeOldestUnfinished() { return pauseAccepting(.openFiles) }
            }
        }
    }

    /// Leaves new clients in the kernel's backlog until a connection closes, or a moment has passed.
    private func pauseAccepting(_ reason: AcceptPause) {
        acceptor.pause(now: nowNanoseconds)
        counters.acceptPauses.add(1)
        handler?.acceptPaused(reason)
    }

    private func admit(_ socket: Int32, _ client: ClientAddress) {
        if let proxyHeaders, !proxyHeaders.trusts(client) {
            return turnAway(socket, client, .proxyProtocolUntrusted)
        }
        // An answer would cost more than the client is granted, and a load balancer tries again elsewhere.
        guard grants(client) else { return turnAway(socket, client, .tooManyConnections) }
        let connection = freeConnection()
        guard events.add(socket, connection.nextTag(), writes: true) else {
            freeSlots.append(connection.slot)
            control.addresses?.giveBack(client)
            return Socket.close(socket)
        }
        openCount += 1
        counters.connectionsAccepted.add(1)
        counters.connectionsOpen.add(1)
        connection.open(socket, client)
    }

    private func turnAway(_ socket: Int32, _ client: ClientAddress, _ refusal: Refusal) {
        Socket.close(socket)
        _ = handler?.refused(refusal, from: client, because: nil)
    }

    /// Whether the client may have one more connection, which is then counted until its `release`.
    func grants(_ client: ClientAddress) -> Bool { control.addresses?.take(client) ?? true }

    private func freeConnection() -> Connection {
        if let slot = freeSlots.popLast() { return connections[slot] }
        let connection = Connection(slot: connections.count, loop: self, intakes: intakes)
        connections.append(connection)
        deadlines.grow(to: connections.count)
        return connection
    }

    /// Makes room for a new client. A connection whose next request is already there is served instead.
    private func closeOldestIdle() -> Bool {
        for _ in 0..<Self.evictionTriesMax {
            guard let slot = deadlines.oldest(.idle) else { return false }
            if connections[slot].evict() { return true }
        }
        return false
    }

    /// Makes room for a new client, where others hold connections with requests that do not come.
    private func closeOldestUnfinished() -> Bool {
        // Whatever has begun before a stop is to be answered.
        guard !isDraining else { return false }
        for kind in [Deadlines.Kind.handshake, .head, .body] {
            for slot in deadlines.oldest(kind, countMax: Self.unfinishedTriesMax) {
                guard deadlines.age(of: slot, now: nowNanoseconds) >= Self.unfinishedNanoseconds else { break }
                if connections[slot].cutShort() { return true }
            }
        }
        return false
    }

    /// Answers what was accepted, until the deadline has passed. Returns how many begun requests got no answer.
    private func drain() -> Int {
        stopListening()
        settle()
        while openCount > 0, nowNanoseconds < control.drainDeadline {
            turn()
            settle()
        }
        var unanswered = 0
        for connection in connections where connection.cutOff() { unanswered += 1 }
        return unanswered
    }

    private func settle() {
        for connection in connections { connection.settle() }
        flushStreams()
    }

    /// Takes in what the kernel has already accepted for us, so that closing the listener resets nobody.
    private func stopListening() {
        var turns = 0
        while acceptor.canAccept(now: nowNanoseconds), turns < 64 {
            acceptConnections()
            turns += 1
        }
        acceptor.close()
    }
}

enum MonotonicClock {
    static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    static func secondsSince1970() -> Int { time(nil) }
}
