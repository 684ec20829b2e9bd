import Synchronization

extension Mutex where Value: ~Copyable {
    /// As `withLock`, for a lock that is held for a microsecond at a time: a few looks cost less than the kernel's
    /// help, which is what a lock that is taken asks for.
    func withLockSoon<Result>(_ body: (inout sending Value) -> sending Result) -> sending Result {
        // Limit: some microseconds; who holds it for longer, or was put aside with it, is waited for in the kernel.
        for _ in 0..<100 {
            if let result = withLockIfAvailable(body) { return result }
        }
        return withLock(body)
    }
}
