internal import Glibc
internal import Synchronization

/// SIGTERM and SIGINT as something to await. The first asks for an orderly stop; a second one leaves at once, with
/// 128 + the signal's number as status. A stop that is not over by its deadline ends the process with status 1: nothing
/// that hangs, such as a reader of stdout, keeps it.
///
/// The handler does no more than write the number into a pipe; a thread reads it there. That holds on whichever thread
/// a signal lands, whatever that thread blocks: an async `main` does not run on the main thread.
package final class StopSignal: Sendable {
    private struct State {
        var reason: Int32?
        var waiters: [Int: CheckedContinuation<Int32?, Never>] = [:]
        var waiterCount = 0
        var deadline: Duration?
    }

    private let state = Mutex(State())
    private let leave: @Sendable (Int32) -> Void
    private let hangUp: (@Sendable () -> Void)?
    private let readEnd: Int32

    /// `leave` is called with the status when a second signal comes, or the deadline has passed; it ends the process.
    /// `hangUp` is told of SIGHUP, which then ends nothing: a service manager means a reload by it, and files are read
    /// again when they change.
    package init(
        _ numbers: [Int32] = [SIGTERM, SIGINT],
        deadline: Duration? = nil,
        leave: @escaping @Sendable (Int32) -> Void = { Glibc._exit($0) },
        hangUp: (@Sendable () -> Void)? = nil
    ) {
        self.leave = leave
        self.hangUp = hangUp
        state.withLock { $0.deadline = deadline }
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "The pipe for signals could not be made.")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        readEnd = ends[0]
        // A client that leaves must not end the process; writes report EPIPE instead.
        signal(SIGPIPE, SIG_IGN)
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(&thread, nil, { StopSignal.main($0) }, argument)
        precondition(status == 0, "The thread that waits for signals could not be started.")
        pthread_detach(thread)
        for number in numbers + (hangUp == nil ? [] : [SIGHUP]) { SignalBells.install(number, ringing: ends[1]) }
    }

    /// Suspends until a stop is asked for. The signal's number, 0 when the program asked itself, nil when cancelled.
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

    /// Sets how long an orderly stop may take after the signal. Before it comes.
    package func setDeadline(_ deadline: Duration) { state.withLock { $0.deadline = deadline } }

    /// Asks for a stop from within the program.
    package func raise() { take(0) }

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

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        // Safety: the reference was retained for this thread when it was started; the thread ends with the process.
        let stop = Unmanaged<StopSignal>.fromOpaque(argument).takeRetainedValue()
        var number: UInt8 = 0
        var end: ContinuousClock.Instant?
        while true {
            guard stop.waitForSignal(until: end) else {
                stop.overrun()
                return nil
            }
            let count = read(stop.readEnd, &number, 1)
            if count == 1, number == UInt8(SIGHUP) {
                stop.hangUp?()
            } else if count == 1 {
                stop.take(Int32(number))
                end = end ?? stop.state.withLock { $0.deadline }.map { .now + $0 }
            }
            if count == 0 || (count < 0 && errno != EINTR) { return nil }
        }
    }

    /// False when that time has come before a signal.
    private func waitForSignal(until end: ContinuousClock.Instant?) -> Bool {
        guard let end else { return true }
        while true {
            let left = max(.zero, end - .now).wholeMilliseconds
            var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            let count = poll(&entry, 1, Int32(clamping: left))
            if count != 0, count > 0 || errno != EINTR { return true }
            if count == 0, end <= .now { return false }
        }
    }

    private func overrun() {
        let words = "notion-relay: the stop took too long and was cut off; does somebody read what it writes?\n"
        StandardError.write(Array(words.utf8))
        StandardError.flush(within: StandardStream.flushMax)
        leave(ExitStatus.failure.rawValue)
    }
}

/// Which pipe a signal's handler writes to.
private enum SignalBells {
    private static let count = 65

    // Safety: written before the handler of that number is installed, an Int32 is written at once, and never freed.
    nonisolated(unsafe) private static let descriptors = {
        let pointer = UnsafeMutablePointer<Int32>.allocate(capacity: count)
        pointer.initialize(repeating: -1, count: count)
        return pointer
    }()

    static func install(_ number: Int32, ringing descriptor: Int32) {
        precondition((1..<Int32(count)).contains(number), "\(number) is not a signal.")
        descriptors[Int(number)] = descriptor
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { SignalBells.ring($0) }
        action.sa_flags = SA_RESTART
        sigaction(number, &action, nil)
    }

    /// Runs in a signal handler: one write, and the interrupted code finds its errno as it was.
    private static func ring(_ number: Int32) {
        let kept = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(descriptors[Int(number)], &byte, 1)
        errno = kept
    }
}
