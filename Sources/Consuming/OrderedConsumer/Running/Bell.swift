import Dispatch
import Synchronization

/// Wakes the loop: at once, or at a time. Rings while the loop is awake add up to one.
final class Bell: Sendable {
    let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let timer: Mutex<any DispatchSourceTimer>

    init() {
        (rings, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "ordered-consumer.timer"))
        timer.setEventHandler { [continuation] in continuation.yield() }
        timer.activate()
        self.timer = Mutex(timer)
    }

    deinit { timer.withLock { $0.cancel() } }

    func ring() { continuation.yield() }

    /// Rings after that time, and no longer at the time that was set before.
    func ring(after delay: Duration) {
        let (seconds, attoseconds) = max(delay, .zero).components
        // Limit: an hour is as good as never; it keeps the nanoseconds within their type.
        let nanoseconds = min(seconds, 3600) * 1_000_000_000 + attoseconds / 1_000_000_000
        timer.withLock { $0.schedule(deadline: .now() + .nanoseconds(Int(nanoseconds)), leeway: .milliseconds(1)) }
    }
}
