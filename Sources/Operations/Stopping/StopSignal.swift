internal import Glibc
internal import Synchronization

/// SIGTERM and SIGINT as something to await. The first asks for an orderly stop; a second one leaves at once, with
/// 128 + the signal's number as status.
///
/// The handler only writes the signal's number into a pipe, which a handler may do; a thread of its own reads it.
/// Blocking the signals and waiting for them would not do: the runtime has threads before `main`, and a signal goes to
/// any thread that does not block it.
package final class StopSignal: Sendable {
    private struct State {
        var reason: Int32?
        var waiters: [Int: CheckedContinuation<Int32?, Never>] = [:]
        var waiterCount = 0
        var thread = pthread_t()
    }

    private let state = Mutex(State())
    private let leave: @Sendable (Int32) -> Void

    /// `leave` is called with the status when a second signal comes; it ends the process.
    package init(
        _ numbers: [Int32] = [SIGTERM, SIGINT],
        leave: @escaping @Sendable (Int32) -> Void = { Glibc._exit($0) }
    ) {
        self.leave = leave
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "The pipe for signals could not be made.")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        signalPipe = (read: ends[0], write: ends[1])
        for number in numbers {
            signal(number) { number in
                let before = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = Glibc.write(signalPipe.write, &byte, 1)
                errno = before
            }
        }
        // A client that leaves must not end the process; writes report EPIPE instead.
        signal(SIGPIPE, SIG_IGN)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(&thread, nil, { StopSignal.main($0) }, argument)
        precondition(status == 0, "The thread that waits for signals could not be started.")
        pthread_detach(thread)
        state.withLock { $0.thread = thread }
    }

    /// Suspends until a stop is asked for. The signal's number, 0 when the program asked itself, nil when the task was
    /// cancelled.
    package func wait() async -> Int32? {
        let number = state.withLock { state in
            state.waiterCount += 1
            return state.waiterCount
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Int32?? = state.withLock { state in
                    if let reason = state.reason { return .some(reason) }
                    if Task.isCancelled { return .some(nil) }
                    state.waiters[number] = continuation
                    return .none
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            // A cancellation before the waiter is in the table finds none there; the waiter then sees the flag itself.
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: nil)
        }
    }

    /// Whether a stop was asked for.
    package var isRaised: Bool { state.withLock { $0.reason != nil } }

    /// Asks for a stop from within the program.
    package func raise() {
        take(0)
    }

    /// One more wish to stop: the first wakes who waits, a further one from outside leaves.
    func take(_ number: Int32) {
        let (isFirst, waiters) = state.withLock { state in
            let isFirst = state.reason == nil
            if isFirst { state.reason = number }
            defer { state.waiters = [:] }
            return (isFirst, state.waiters.values)
        }
        guard isFirst else {
            if number != 0 { leave(128 + number) }
            return
        }
        for waiter in waiters { waiter.resume(returning: number) }
    }

    /// Sends a signal to the waiting thread alone: how a test raises one without disturbing its neighbours.
    func deliver(_ number: Int32) {
        pthread_kill(state.withLock { $0.thread }, number)
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        // Safety: the reference was retained for this thread when it was started; the thread ends with the process.
        let stop = Unmanaged<StopSignal>.fromOpaque(argument).takeRetainedValue()
        while true {
            var byte: UInt8 = 0
            let count = read(signalPipe.read, &byte, 1)
            if count == 1 { stop.take(Int32(byte)) }
            if count < 0, errno != EINTR { return nil }
        }
    }
}

/// Safety: a process has one StopSignal; the pipe is made before the handlers that write to it are installed and the
/// thread that reads it is started, and never changed after.
nonisolated(unsafe) private var signalPipe: (read: Int32, write: Int32) = (-1, -1)
