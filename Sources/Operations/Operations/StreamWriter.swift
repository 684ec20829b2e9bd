internal import CLinux
internal import Dispatch
internal import Glibc
internal import Synchronization

/// A stream with a thread of its own that writes to it: who posts a line never waits for a reader that stands still.
///
/// The order of lines is kept. A line that finds no room, or that the stream does not take, is counted; the count is
/// written in its place as soon as the stream takes lines again.
final class StreamWriter: Sendable {
    /// Writes bytes, however long that takes; false when that failed.
    typealias Write = @Sendable ([UInt8]) -> Bool

    private struct State {
        var queue: LineQueue
        var waiters: [(count: Int, semaphore: DispatchSemaphore)] = []
        var lossLine: @Sendable (Int) -> [UInt8]
    }

    // Limit: about a thousand log lines, as many again are with the thread.
    static let bytesMax = 256 * 1024
    // Limit: a pipe takes so many bytes in one piece, also when other processes write to it.
    private static let atomicBytesMax = 4096

    private let state: Mutex<State>
    private let wake = DispatchSemaphore(value: 0)
    private let write: Write

    /// The thread lives as long as the process.
    init(_ name: String, bytesMax: Int = bytesMax, write: @escaping Write) {
        self.write = write
        let line: @Sendable (Int) -> [UInt8] = { count in
            Array("notion-relay: \(count) lines could not be written here\n".utf8)
        }
        state = Mutex(State(queue: LineQueue(bytesMax: bytesMax), lossLine: line))
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(&thread, nil, { StreamWriter.main($0) }, argument)
        precondition(status == 0, "The thread that writes to \(name) could not be started.")
        pthread_setname_np(thread, name)
        pthread_detach(thread)
    }

    /// Lines that were lost since the beginning.
    var lost: Int { state.withLock { $0.queue.lost } }

    /// Sets how the number of lost lines is told.
    func setLossLine(_ line: @escaping @Sendable (Int) -> [UInt8]) { state.withLock { $0.lossLine = line } }

    /// Leaves the bytes, one or more whole lines, to the thread. Without room they are lost; those of a command that
    /// has nothing else to do wait for it first, for at most so long.
    func post(_ line: [UInt8], waitingForRoom wait: Duration = .zero) {
        if wait > .zero, !state.withLock({ $0.queue.hasRoom(for: line.count) }) { _ = flush(within: wait) }
        if state.withLock({ $0.queue.append(line) }) { wake.signal() }
    }

    /// Waits until everything that was posted before is written or lost. False when that takes longer.
    @discardableResult
    func flush(within duration: Duration) -> Bool {
        let semaphore = DispatchSemaphore(value: 0)
        let isDone = state.withLock { state in
            let count = state.queue.accepted
            if state.queue.isSettled(upTo: count) { return true }
            state.waiters.append((count, semaphore))
            return false
        }
        if isDone { return true }
        if semaphore.wait(timeout: .now() + .milliseconds(duration.wholeMilliseconds)) == .success { return true }
        state.withLock { state in state.waiters.removeAll { $0.semaphore === semaphore } }
        return false
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        // A stream without a reader is an error of the write here, whatever the process does with the signal.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        // Safety: the reference was retained for this thread when it was started; the thread ends with the process.
        Unmanaged<StreamWriter>.fromOpaque(argument).takeRetainedValue().run()
    }

    private func run() -> Never {
        var untold = 0
        while true {
            wake.wait()
            while let batch = state.withLock({ $0.queue.take() }) {
                tell(&untold)
                let unwritten = write(batch.lines)
                untold += unwritten + batch.dropped
                if batch.dropped > 0 { tell(&untold) }
                settle(batch, unwritten: unwritten)
            }
        }
    }

    private func tell(_ untold: inout Int) {
        guard untold > 0 else { return }
        let line = state.withLock { $0.lossLine }
        if write(line(untold)) { untold = 0 }
    }

    /// Writes lines together as far as they stay whole. How many were lost.
    private func write(_ lines: [[UInt8]]) -> Int {
        var lost = 0
        var next = 0
        while next < lines.count {
            let start = next
            var bytes = lines[next]
            next += 1
            while next < lines.count, bytes.count + lines[next].count <= Self.atomicBytesMax {
                bytes += lines[next]
                next += 1
            }
            if !write(bytes) { lost += next - start }
        }
        return lost
    }

    private func settle(_ batch: LineQueue.Batch, unwritten: Int) {
        let done = state.withLock { state in
            state.queue.settle(batch, unwritten: unwritten)
            let done = state.waiters.filter { state.queue.isSettled(upTo: $0.count) }
            state.waiters.removeAll { state.queue.isSettled(upTo: $0.count) }
            return done
        }
        for waiter in done { waiter.semaphore.signal() }
    }
}
