import Dispatch

/// Blocking work away from the pool that tests run on.
enum BlockingStop {
    static func run(_ work: @escaping @Sendable () -> Void) {
        DispatchQueue.global().async(execute: work)
    }
}
