/// An awaited event did not happen in time.
package struct TimeoutError: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}

/// Runs `body` and throws `TimeoutError` when it takes longer than `limit`. The body is cancelled then, and must return
/// when it is cancelled.
package func withTimeout<Value: Sendable>(
    _ limit: Duration,
    _ what: String,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await ContinuousClock().sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else {
            throw TimeoutError(description: "\(what) took longer than \(limit)")
        }
        return value
    }
}

/// Polls until `probe` has an answer.
///
/// This is the only place in the tests that waits by the clock, for facts of another process that cannot announce
/// themselves: a port that begins to accept, a page of `/metrics` that changes. What can be awaited is awaited instead.
@discardableResult
package func eventually<Value: Sendable>(
    within limit: Duration,
    _ what: String,
    _ probe: @escaping @Sendable () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        if let value = try await probe() { return value }
        guard clock.now < deadline else { throw TimeoutError(description: "\(what) did not come within \(limit)") }
        try await clock.sleep(for: .milliseconds(20))
    }
}
