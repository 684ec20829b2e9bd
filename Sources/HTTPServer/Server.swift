import CLinux
import HTTPFraming
import Synchronization

/// An HTTP/1.1 server: some loops, each a thread of its own, that share nothing but the port.
package final class Server: Sendable {
    private enum State {
        case idle
        case running([LoopThread], port: UInt16)
        case stopped(answeredAll: Bool, port: UInt16, counts: ServerCounts)
    }

    private let address: ListenAddress
    private let loops: Int
    private let limits: Limits
    private let makeHandler: @Sendable (EventLoop) throws -> any ExchangeHandler
    private let state = Mutex(State.idle)

    /// The maker of handlers is called once per loop, on the loop's thread, before `start` returns.
    package init(
        address: ListenAddress,
        loops: Int = 1,
        limits: Limits = Limits(),
        makeHandler: @escaping @Sendable (EventLoop) throws -> any ExchangeHandler
    ) {
        precondition(loops > 0, "A server has at least one loop.")
        self.address = address
        self.loops = loops
        self.limits = limits
        self.makeHandler = makeHandler
    }

    /// Listens and starts the loops; returns when all of them run.
    package func start() throws(ServerError) {
        try state.withLock { state throws(ServerError) in
            guard case .idle = state else { throw .alreadyStarted }
            let (threads, port) = try startLoops()
            state = .running(threads, port: port)
        }
    }

    /// The port that is listened on, the kernel's choice if the address named 0; 0 before `start`.
    package var port: Int {
        state.withLock { state in
            switch state {
            case .idle: 0
            case .running(_, let port), .stopped(_, let port, _): Int(port)
            }
        }
    }

    /// Stops accepting, closes idle connections, answers what was read, and joins the threads. Blocks its thread.
    ///
    /// - Returns: whether every request of which a byte was read got its answer. A second call returns the same.
    package func drain(within duration: Duration) -> Bool {
        state.withLock { state in
            switch state {
            case .idle:
                return true
            case .stopped(let answeredAll, _, _):
                return answeredAll
            case .running(let threads, let port):
                let answeredAll = Self.drain(threads, within: duration)
                state = .stopped(answeredAll: answeredAll, port: port, counts: Self.sum(threads))
                return answeredAll
            }
        }
    }

    /// What the loops have counted so far.
    package var counts: ServerCounts {
        state.withLock { state in
            switch state {
            case .idle: ServerCounts()
            case .running(let threads, _): Self.sum(threads)
            case .stopped(_, _, let counts): counts
            }
        }
    }

    private static func sum(_ threads: [LoopThread]) -> ServerCounts {
        var counts = ServerCounts()
        for thread in threads {
            counts.add(thread.control.counters)
        }
        return counts
    }

    private static func drain(_ threads: [LoopThread], within duration: Duration) -> Bool {
        let deadline = MonotonicClock.nanoseconds() + duration.nanoseconds
        for thread in threads {
            thread.control.drain(until: deadline)
        }
        return threads.map { $0.join() }.allSatisfy { $0 == 0 }
    }

    private func startLoops() throws(ServerError) -> ([LoopThread], UInt16) {
        var threads: [LoopThread] = []
        var bound = address
        do throws(ServerError) {
            for index in 0..<loops {
                let (listener, port) = try Socket.listen(bound, shared: loops > 1)
                bound = ListenAddress(host: address.host, port: port, isIPv6: address.isIPv6)
                let share = (limits.connectionsMax + loops - 1) / loops
                let thread = try LoopThread(
                    name: "http-\(index)",
                    listener: listener,
                    limits: limits,
                    connectionsMax: min(share, Exchange.slotsMax),
                    makeHandler: makeHandler
                )
                threads.append(thread)
            }
        } catch {
            _ = Self.drain(threads, within: .zero)
            throw error
        }
        return (threads, bound.port)
    }
}

extension Duration {
    /// Never negative.
    fileprivate var nanoseconds: UInt64 {
        let (seconds, attoseconds) = max(self, .zero).components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
