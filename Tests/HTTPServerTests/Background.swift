import Foundation

/// Work on a thread of its own, so that tests that block do not take the threads of the pool from each other.
final class Background<Value: Sendable>: Sendable {
    // Safety: every access happens with the condition's lock held.
    private nonisolated(unsafe) var result: Value?
    private let condition = NSCondition()

    init(_ work: @escaping @Sendable () -> Value) {
        Thread.detachNewThread { [self] in
            let value = work()
            condition.withLock {
                result = value
                condition.broadcast()
            }
        }
    }

    /// Waits for the work's end.
    var value: Value {
        condition.withLock {
            while true {
                if let result {
                    return result
                }
                condition.wait()
            }
        }
    }
}
