internal import Dispatch
internal import Synchronization

/// Does something again and again on a thread that nobody else waits for: it may hang, as a look at a file does when
/// its filesystem is away.
final class Repetition: Sendable {
    private let timer: Mutex<(any DispatchSourceTimer)?>

    /// The first time is one interval from now.
    init(_ name: String, everyMilliseconds interval: Int, _ body: @escaping @Sendable () -> Void) {
        // A queue of its own has a thread of its own, however many others are blocked.
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: name))
        timer.schedule(deadline: .now() + .milliseconds(interval), repeating: .milliseconds(interval))
        timer.setEventHandler(handler: body)
        timer.resume()
        self.timer = Mutex(timer)
    }

    /// Does not wait for what goes on.
    func end() {
        timer.withLock { timer in
            timer?.cancel()
            timer = nil
        }
    }
}
