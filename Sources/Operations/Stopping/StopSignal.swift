internal import Glibc
internal import Synchronization

/// SIGTERM and SIGINT as something to await. The first asks for an orderly stop; a second one leaves at once, with
/// 128 + the signal's number as status.
///
/// A thread of its own waits for the signals, which are blocked everywhere else: nothing runs inside a signal handler.
/// Threads inherit what is blocked from their maker, so this is made first, on the main thread.
package final class StopSignal: Sendable {
    private struct State {
        var reason: Int32?
        var waiters: [Int: CheckedContinuation<Int32?, Never>] = [:]
        var waiterCount = 0
        var thread = pthread_t()
    }

    private let state = Mutex(State())
    private let leave: @Sendable (Int32) -> Void
    private let numbers: [Int32]

    /// `leave` is called with the status when a second signal comes; it ends the process.
    package init(
        _ numbers: [Int32] = [SIGTERM, SIGINT],
        leave: @escaping @Sendable (Int32) -> Void = { Glibc._exit($0) }
    ) {
        self.numbers = numbers
        self.leave = leave
        var set = Self.set(numbers)
        pthread_sigmask(SIG_BLOCK, &set, nil)
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
        var set = set(stop.numbers)
        while true {
            var number: Int32 = 0
            if sigwait(&set, &number) == 0 { stop.take(number) }
        }
    }

    private static func set(_ numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }
}
