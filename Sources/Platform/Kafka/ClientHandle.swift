import CRdKafka
import Dispatch
import Synchronization

/// Owns one `rd_kafka_t` and its main queue, and lets threads other than the owner's use them until it is closed.
///
/// Safety: librdkafka's calls are thread-safe as long as the client exists. `borrow` holds the client open while its
/// body runs: it enters `borrowers` under the lock that `destroy` takes to set `isClosed`, and `destroy` waits for the
/// group before it frees anything.
final class ClientHandle: @unchecked Sendable {
    /// For the owner's thread and inside `borrow` only.
    let pointer: OpaquePointer
    let queue: OpaquePointer

    private let isClosed = Mutex(false)
    private let borrowers = DispatchGroup()

    init(
        _ settings: ClientSettings,
        _ options: [ClientOption],
        type: rd_kafka_type_t,
        watch: JoinWatch? = nil
    ) throws(KafkaError) {
        try LibraryVersion.check()
        let events =
            RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_LOG
            | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT
        pointer = try ClientConfiguration.filled(settings, options, events: events, watch: watch).makeClient(type)
        queue = rd_kafka_queue_get_main(pointer)
        rd_kafka_set_log_queue(pointer, queue)
    }

    var closed: Bool { isClosed.withLock { $0 } }

    /// Runs `body` with the client kept alive, or throws ``KafkaError/closed``.
    func borrow<Result>(_ body: (OpaquePointer) throws(KafkaError) -> Result) throws(KafkaError) -> Result {
        let entered = isClosed.withLock { closed in
            if !closed { borrowers.enter() }
            return !closed
        }
        guard entered else { throw .closed }
        defer { borrowers.leave() }
        return try body(pointer)
    }

    /// Refuses further borrowers, tells those inside to hurry and waits for them. False if that has been done before.
    func shut(hurry: () -> Void = {}) -> Bool {
        let first = isClosed.withLock { closed in
            defer { closed = true }
            return !closed
        }
        guard first else { return false }
        hurry()
        borrowers.wait()
        return true
    }

    /// Frees the client; `shut` came before. Blocks until librdkafka's threads have ended.
    func destroy() {
        rd_kafka_queue_destroy(queue)
        rd_kafka_destroy(pointer)
    }
}
