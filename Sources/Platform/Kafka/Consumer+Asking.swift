extension Consumer {
    /// Asks the brokers something, and again while they say that it is a matter of time: a topic that was just created,
    /// or whose leader changes, has none for a moment. At most for `timeout`, and before anything is assigned, so that
    /// waiting for records is no more than waiting.
    package func ask<Answer: Sendable>(
        within timeout: Duration,
        _ question: () async throws(KafkaError) -> Answer
    ) async throws(KafkaError) -> Answer {
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        while true {
            do throws(KafkaError) {
                return try await question()
            } catch {
                guard error.isRetriable, !error.isTimedOut, clock.now < deadline else { throw error }
            }
            _ = try await next(deadlineMilliseconds: 100)
        }
    }
}
