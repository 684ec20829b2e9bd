import CLinux
import Glibc
import HTTPFraming
import Synchronization

/// An HTTP/1.1 server: some loops, each a thread of its own, that share nothing but the port.
package final class Server: Sendable {
    private struct Running {
        let threads: [LoopThread]
        let port: UInt16
    }

    private let address: ListenAddress
    private let loops: Int
    private let limits: Limits
    private let tls: TLSIdentity?
    /// Those whose connections begin with a PROXY protocol header, and no others may; nil where none begins so.
    private let headerProxies: [AddressRange]?
    private let addresses: AddressCounts?
    private let makeHandler: @Sendable (EventLoop) throws -> any ExchangeHandler
    private let running = Mutex<Running?>(nil)
    /// What the drain has returned; its lock is held while it lasts, the other one is not.
    private let drained = Mutex<Bool?>(nil)

    /// With an identity the port accepts TLS only. Where a PROXY protocol header is required, it comes before TLS, and
    /// only from trusted proxies. `makeHandler` is called once per loop, on its thread, in `start`.
    package init(
        address: ListenAddress,
        loops: Int = 1,
        limits: Limits = Limits(),
        tls: TLSIdentity? = nil,
        trustedProxies: [AddressRange] = [],
        requiresProxyHeader: Bool = false,
        makeHandler: @escaping @Sendable (EventLoop) throws -> any ExchangeHandler
    ) {
        precondition(loops > 0, "A server has at least one loop.")
        self.address = address
        self.loops = loops
        self.limits = limits
        self.tls = tls
        headerProxies = requiresProxyHeader ? trustedProxies : nil
        addresses =
            limits.connectionsPerAddressMax > 0
            ? AddressCounts(max: limits.connectionsPerAddressMax, exempt: trustedProxies) : nil
        self.makeHandler = makeHandler
    }

    /// Listens and starts the loops; returns when all of them run.
    package func start() throws(ServerError) {
        try running.withLock { running throws(ServerError) in
            guard running == nil else { throw .alreadyStarted }
            running = try startLoops()
        }
    }

    /// The port that is listened on, the kernel's choice if the address named 0; 0 before `start`.
    package var port: Int { running.withLock { $0.map { Int($0.port) } ?? 0 } }

    /// Stops accepting, closes idle connections, answers what was read, and joins the threads. Blocks. Returns whether
    /// every request of which a byte was read got its answer; a second call returns the same.
    package func drain(within duration: Duration) -> Bool {
        drained.withLock { drained in
            if let drained { return drained }
            let threads = self.threads
            guard !threads.isEmpty else { return true }
            if address.isUnix { SocketFile.remove(address.host) }
            let answeredAll = Self.drain(threads, within: duration)
            drained = answeredAll
            return answeredAll
        }
    }

    package var counts: ServerCounts {
        var counts = ServerCounts()
        for thread in threads { counts.add(thread.control.counters) }
        return counts
    }

    /// The loops that have not come to the end of a turn for so long: something in it blocks their thread. Any thread
    /// may ask, and it never waits for a loop. `passed` is added to the present time.
    package func stalls(longerThan bound: Duration, passed: Duration = .zero) -> [LoopStall] {
        let now = MonotonicClock.nanoseconds() + passed.nanoseconds
        // While the server starts, its lock is held, and no loop has anything to do.
        let threads = running.withLockIfAvailable { $0?.threads ?? [] } ?? []
        return threads.enumerated().compactMap { number, thread in
            guard let nanoseconds = thread.control.turnDuration(at: now), nanoseconds > bound.nanoseconds else {
                return nil
            }
            return LoopStall(loop: number, duration: .nanoseconds(Int64(clamping: nanoseconds)))
        }
    }

    private var threads: [LoopThread] { running.withLock { $0?.threads ?? [] } }

    private static func drain(_ threads: [LoopThread], within duration: Duration) -> Bool {
        let deadline = MonotonicClock.nanoseconds() + duration.nanoseconds
        for thread in threads { thread.control.drain(until: deadline) }
        return threads.map { $0.join() }.allSatisfy { $0 == 0 }
    }

    private func startLoops() throws(ServerError) -> Running {
        var threads: [LoopThread] = []
        var bound = address
        let growth = GrowthBudget(bytesMax: limits.growthBytesMax)
        do throws(ServerError) {
            for index in 0..<loops {
                let listener = try listener(at: &bound, number: index, first: threads.first)
                let share = (limits.connectionsMax + loops - 1) / loops
                let thread = try LoopThread(
                    name: "http-\(index)",
                    listener: listener,
                    limits: limits,
                    connectionsMax: min(share, Exchange.slotsMax),
                    tls: tls,
                    proxyHeadersFrom: headerProxies,
                    addresses: addresses,
                    growth: growth,
                    makeHandler: makeHandler
                )
                threads.append(thread)
            }
        } catch {
            _ = Self.drain(threads, within: .zero)
            throw error
        }
        return Running(threads: threads, port: bound.port)
    }

    /// Each loop has a socket of its own at the same port, so that the kernel distributes the clients. The first is
    /// bound alone, so that a port of another process is refused, and shared afterwards. A path can be bound only once:
    /// its loops share one listener.
    private func listener(
        at address: inout ListenAddress,
        number: Int,
        first: LoopThread?
    ) throws(ServerError) -> Int32 {
        if address.isUnix, let first {
            guard let copy = Socket.duplicate(first.listener) else {
                throw .listen(address: address.description, reason: Socket.lastError())
            }
            return copy
        }
        let (listener, port) = try Socket.listen(address, shared: first != nil)
        if first == nil, loops > 1 { Socket.share(listener) }
        address = address.with(port: port)
        return listener
    }
}

extension Duration {
    fileprivate var nanoseconds: UInt64 {
        let (seconds, attoseconds) = max(self, .zero).components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}

package enum ServerError: Error, CustomStringConvertible, Sendable {
    case listen(address: String, reason: String)
    case loop(reason: String)
    case alreadyStarted

    package var description: String {
        switch self {
        case .listen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .loop(let reason): "cannot start the event loop: \(reason)"
        case .alreadyStarted: "the server was started before"
        }
    }
}

/// A loop that stands still.
package struct LoopStall: Sendable, Equatable {
    package let loop: Int
    package let duration: Duration

    package init(loop: Int, duration: Duration) {
        self.loop = loop
        self.duration = duration
    }
}

/// What a server has counted since its start, summed over its loops.
package struct ServerCounts: Sendable, Equatable {
    package var connectionsAccepted = 0
    package var connectionsOpen = 0
    package var requests = 0
    package var requestsPending = 0
    package var connectionsExpired = 0
    package var acceptPauses = 0
    /// Full handshakes and resumed ones alike.
    package var handshakesTLS12 = 0
    package var handshakesTLS13 = 0
    package var handshakesResumed = 0
    package var handshakesFailed = 0
    package var bytesIn = 0
    package var bytesOut = 0

    package init() {}
}

/// What one loop counts. Written by its thread only, read by any.
final class LoopCounters: Sendable {
    let connectionsAccepted = Atomic<Int>(0)
    let connectionsOpen = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let requestsPending = Atomic<Int>(0)
    let connectionsExpired = Atomic<Int>(0)
    let acceptPauses = Atomic<Int>(0)
    let handshakesTLS12 = Atomic<Int>(0)
    let handshakesTLS13 = Atomic<Int>(0)
    let handshakesResumed = Atomic<Int>(0)
    let handshakesFailed = Atomic<Int>(0)
    let bytesIn = Atomic<Int>(0)
    let bytesOut = Atomic<Int>(0)

    func count(_ tls: TLSSession) {
        if tls.isTLS13 {
            handshakesTLS13.add(1)
        } else {
            handshakesTLS12.add(1)
        }
        if tls.isResumed { handshakesResumed.add(1) }
    }
}

extension Atomic<Int> {
    /// There is one writer, so a load and a store do what would otherwise lock the bus.
    @inline(__always)
    func add(_ count: Int) { store(load(ordering: .relaxed) &+ count, ordering: .relaxed) }
}

extension ServerCounts {
    mutating func add(_ counters: LoopCounters) {
        connectionsAccepted += counters.connectionsAccepted.load(ordering: .relaxed)
        connectionsOpen += counters.connectionsOpen.load(ordering: .relaxed)
        requests += counters.requests.load(ordering: .relaxed)
        requestsPending += counters.requestsPending.load(ordering: .relaxed)
        connectionsExpired += counters.connectionsExpired.load(ordering: .relaxed)
        acceptPauses += counters.acceptPauses.load(ordering: .relaxed)
        handshakesTLS12 += counters.handshakesTLS12.load(ordering: .relaxed)
        handshakesTLS13 += counters.handshakesTLS13.load(ordering: .relaxed)
        handshakesResumed += counters.handshakesResumed.load(ordering: .relaxed)
        handshakesFailed += counters.handshakesFailed.load(ordering: .relaxed)
        bytesIn += counters.bytesIn.load(ordering: .relaxed)
        bytesOut += counters.bytesOut.load(ordering: .relaxed)
    }
}

/// The process's limit of open files, which connections are among.
package enum DescriptorLimit {
    // Limit: what a process needs beside its clients' connections: loops, brokers, files, a port for probes.
    package static let reserve = 256

    /// Raises the limit for this many connections as far as the system allows. Returns the connections there is room
    /// for, at most `wanted`.
    package static func makeRoom(forConnections wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return wanted }
        let needed = rlim_t(wanted + reserve)
        if limit.rlim_cur < needed, limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = min(needed, limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return min(wanted, max(1, Int(clamping: limit.rlim_cur) - reserve))
    }
}
