import CLinux
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
    private let addresses: AddressCounts?
    private let makeHandler: @Sendable (EventLoop) throws -> any ExchangeHandler
    private let running = Mutex<Running?>(nil)
    /// What the drain has returned; its lock is held while it lasts, the other one is not.
    private let drained = Mutex<Bool?>(nil)

    /// With an identity the port speaks TLS and nothing else. The maker of handlers is called once per loop, on the
    /// loop's thread, before `start` returns.
    package init(
        address: ListenAddress,
        loops: Int = 1,
        limits: Limits = Limits(),
        tls: TLSIdentity? = nil,
        trustedProxies: [AddressRange] = [],
        makeHandler: @escaping @Sendable (EventLoop) throws -> any ExchangeHandler
    ) {
        precondition(loops > 0, "A server has at least one loop.")
        self.address = address
        self.loops = loops
        self.limits = limits
        self.tls = tls
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
    package var port: Int {
        running.withLock { $0.map { Int($0.port) } ?? 0 }
    }

    /// Stops accepting, closes idle connections, answers what was read, and joins the threads. Blocks its thread.
    ///
    /// - Returns: whether every request of which a byte was read got its answer. A second call returns the same.
    package func drain(within duration: Duration) -> Bool {
        drained.withLock { drained in
            if let drained {
                return drained
            }
            let threads = self.threads
            guard !threads.isEmpty else { return true }
            if address.isUnix { SocketFile.remove(address.host) }
            let answeredAll = Self.drain(threads, within: duration)
            drained = answeredAll
            return answeredAll
        }
    }

    /// What the loops have counted so far.
    package var counts: ServerCounts {
        var counts = ServerCounts()
        for thread in threads {
            counts.add(thread.control.counters)
        }
        return counts
    }

    private var threads: [LoopThread] {
        running.withLock { $0?.threads ?? [] }
    }

    private static func drain(_ threads: [LoopThread], within duration: Duration) -> Bool {
        let deadline = MonotonicClock.nanoseconds() + duration.nanoseconds
        for thread in threads {
            thread.control.drain(until: deadline)
        }
        return threads.map { $0.join() }.allSatisfy { $0 == 0 }
    }

    private func startLoops() throws(ServerError) -> Running {
        var threads: [LoopThread] = []
        var bound = address
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
                    addresses: addresses,
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

    /// Each loop has a socket of its own at the same port, so that the kernel deals the clients out. A path can be had
    /// once: there the loops share one.
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
        let (listener, port) = try Socket.listen(address, shared: loops > 1)
        address = address.with(port: port)
        return listener
    }
}

extension Duration {
    /// Never negative.
    fileprivate var nanoseconds: UInt64 {
        let (seconds, attoseconds) = max(self, .zero).components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
