import CLinux
import HTTPFraming
import Synchronization

final class LoopThread: Sendable {
    let control: LoopControl
    /// The loop's own: to be duplicated only while the loop runs.
    let listener: Int32
    private let thread: pthread_t
    private let work: LoopWork

    /// Starts the thread and waits until its loop runs or could not be made. Takes over the listener.
    init(
        name: String,
        listener: Int32,
        limits: Limits,
        connectionsMax: Int,
        tls: TLSIdentity?,
        proxyHeadersFrom proxies: [AddressRange]?,
        addresses: AddressCounts?,
        growth: GrowthBudget,
        makeHandler: @escaping @Sendable (EventLoop) throws -> any ExchangeHandler
    ) throws(ServerError) {
        let control: LoopControl
        let started: WakeDescriptor
        do throws(ServerError) {
            control = try LoopControl(addresses: addresses)
            started = try WakeDescriptor(blocking: true)
        } catch {
            Socket.close(listener)
            throw error
        }
        defer { started.close() }
        let work = LoopWork(started: started) { () throws(ServerError) in
            let loop = try EventLoop(
                listener: listener,
                limits: limits,
                connectionsMax: connectionsMax,
                tls: tls,
                proxyHeaders: proxies.map { ProxyHeaderReader(trusted: $0) },
                control: control,
                growth: growth
            )
            do {
                loop.begin(with: try makeHandler(loop))
            } catch {
                throw .loop(reason: "\(error)")
            }
            return loop
        }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(work)
        let status = pthread_create(&thread, nil, { LoopWork.main($0) }, argument.toOpaque())
        guard status == 0 else {
            argument.release()
            Socket.close(listener)
            throw .loop(reason: "pthread_create: error \(status)")
        }
        pthread_setname_np(thread, name)
        started.waitForRing()
        if let failure = work.failure {
            pthread_join(thread, nil)
            Socket.close(listener)
            throw failure
        }
        self.control = control
        self.listener = listener
        self.thread = thread
        self.work = work
    }

    /// Waits for the loop's end. Returns how many requests were left without an answer. Called once.
    func join() -> Int {
        pthread_join(thread, nil)
        return work.unanswered
    }
}

/// What the thread does, and what it leaves behind.
private final class LoopWork: Sendable {
    private let started: WakeDescriptor
    private let makeLoop: @Sendable () throws(ServerError) -> EventLoop
    private let result = Mutex<(failure: ServerError?, unanswered: Int)>((nil, 0))

    init(started: WakeDescriptor, makeLoop: @escaping @Sendable () throws(ServerError) -> EventLoop) {
        self.started = started
        self.makeLoop = makeLoop
    }

    var failure: ServerError? { result.withLock { $0.failure } }
    var unanswered: Int { result.withLock { $0.unanswered } }

    static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        Unmanaged<LoopWork>.fromOpaque(argument).takeRetainedValue().run()
        return nil
    }

    private func run() {
        let loop: EventLoop
        do throws(ServerError) {
            loop = try makeLoop()
        } catch {
            result.withLock { $0.failure = error }
            return started.ring()
        }
        started.ring()
        let unanswered = loop.run()
        result.withLock { $0.unanswered = unanswered }
    }
}

/// What other threads use of a loop: its wake-up, its counters, and when its drain has to end.
final class LoopControl: Sendable {
    let counters = LoopCounters()
    let wake: WakeDescriptor
    /// Shared by all loops; nil where clients have no limit of their own.
    let addresses: AddressCounts?
    private let deadline = Atomic<UInt64>(.max)
    private let turnStart = Atomic<UInt64>(0)

    init(addresses: AddressCounts?) throws(ServerError) {
        self.addresses = addresses
        wake = try WakeDescriptor()
    }

    deinit { wake.close() }

    /// The end of the drain in monotonic nanoseconds.
    var drainDeadline: UInt64 { deadline.load(ordering: .acquiring) }

    /// The loop's heartbeat: it begins a turn at this monotonic time, or, with 0, waits for the next one.
    @inline(__always)
    func beginTurn(at nanoseconds: UInt64) { turnStart.store(nanoseconds, ordering: .relaxed) }

    /// How long the turn that lasts has taken, in nanoseconds; nil while the loop waits.
    func turnDuration(at now: UInt64) -> UInt64? {
        let start = turnStart.load(ordering: .relaxed)
        guard start != 0 else { return nil }
        return now > start ? now - start : 0
    }

    func drain(until nanoseconds: UInt64) {
        deadline.store(nanoseconds, ordering: .releasing)
        wake.ring()
    }
}
