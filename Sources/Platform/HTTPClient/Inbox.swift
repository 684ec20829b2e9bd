import CCurl
import Synchronization

/// One call of ``Client/send(_:)`` on its way to the client's thread.
struct Job: Sendable {
    let id: UInt64
    let request: ClientRequest
    let continuation: CheckedContinuation<Result<ClientResponse, ClientError>, Never>
}

/// What callers hand to the client's thread: the only state that both touch.
// Safety: `multi` is used under the lock for curl_multi_wakeup() only, which libcurl allows from any thread, and never
// after `terminate()`, which the loop calls before it frees `multi`.
final class Inbox: @unchecked Sendable {
    struct Batch {
        var jobs: [Job] = []
        var cancelled: [UInt64] = []
        var isClosing = false
    }

    private struct State {
        var batch = Batch()
        var open = 0
        var isAsleep = false
        var isTerminated = false
    }

    private let state = Mutex(State())
    private let counter = Atomic<UInt64>(0)
    private let multi: UnsafeMutableRawPointer
    private let requestsMax: Int

    init(multi: UnsafeMutableRawPointer, requestsMax: Int) {
        self.multi = multi
        self.requestsMax = requestsMax
    }

    func nextID() -> UInt64 { counter.add(1, ordering: .relaxed).newValue }

    /// Called in the caller's task. A cancellation that came first has set the task's flag before it asked for the
    /// lock, so it is seen here; one that comes later finds the job in front of it.
    func submit(_ job: Job) {
        let refusal: ClientError? = state.withLock { state in
            if state.isTerminated || state.batch.isClosing { return .closed }
            if Task.isCancelled { return .cancelled }
            if state.open >= requestsMax { return .busy }
            state.open += 1
            state.batch.jobs.append(job)
            wake(&state)
            return nil
        }
        if let refusal { job.continuation.resume(returning: .failure(refusal)) }
    }

    func cancel(_ id: UInt64) {
        state.withLock { state in
            guard !state.isTerminated else { return }
            state.batch.cancelled.append(id)
            wake(&state)
        }
    }

    func close() {
        state.withLock { state in
            guard !state.isTerminated else { return }
            state.batch.isClosing = true
            wake(&state)
        }
    }

    /// The loop's turn: everything that has come since the last one; `answered` jobs no longer count for the limit.
    func take(answered: Int, into batch: inout Batch) {
        state.withLock { state in
            state.open -= answered
            state.isAsleep = false
            swap(&batch, &state.batch)
            state.batch.isClosing = batch.isClosing
        }
    }

    /// Whether the loop may sleep now: from here on, a caller wakes it.
    func fallAsleep() -> Bool {
        state.withLock { state in
            guard state.batch.jobs.isEmpty, state.batch.cancelled.isEmpty, !state.batch.isClosing else { return false }
            state.isAsleep = true
            return true
        }
    }

    /// The loop has ended: `multi` is not touched after this. Returns the jobs that came too late.
    func terminate() -> [Job] {
        state.withLock { state in
            state.isTerminated = true
            defer { state.batch = Batch() }
            return state.batch.jobs
        }
    }

    private func wake(_ state: inout State) {
        guard state.isAsleep else { return }
        state.isAsleep = false
        curl_multi_wakeup(multi)
    }
}
