import Dispatch

/// Where calls that block run, so that neither the cooperative pool nor an event loop waits for them.
let blockingWork = DispatchQueue(label: "kafka.blocking", attributes: .concurrent)

/// Runs a blocking call elsewhere and returns its result.
func offPool<Success: Sendable>(
    _ queue: DispatchQueue = blockingWork,
    _ body: @escaping @Sendable () throws(KafkaError) -> Success
) async throws(KafkaError) -> Success {
    let result: Result<Success, KafkaError> = await withCheckedContinuation { continuation in
        queue.async { continuation.resume(returning: Result(catching: body)) }
    }
    return try result.get()
}

extension Duration {
    /// Whole milliseconds for librdkafka's deadlines, rounded up and held within Int32.
    var clampedMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
