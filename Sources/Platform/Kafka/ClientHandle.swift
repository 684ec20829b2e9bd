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

    /// Partition count of a topic of this client; blocks.
    func partitionCount(_ topic: OpaquePointer, _ timeout: Duration) throws(KafkaError) -> Int {
        try borrow { client throws(KafkaError) in
            var answer: UnsafePointer<rd_kafka_metadata>?
            let code = rd_kafka_metadata(client, 0, topic, &answer, timeout.clampedMilliseconds)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else { throw KafkaError(code) }
            defer { rd_kafka_metadata_destroy(answer) }
            guard answer.pointee.topic_cnt > 0 else { throw KafkaError(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) }
            let found = answer.pointee.topics[0]
            guard found.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(found.err) }
            return Int(found.partition_cnt)
        }
    }

    /// Refuses further borrowers, interrupts those inside by `hurry` and waits for them. False if it was shut before.
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

/// The version of the librdkafka this process runs with, which may differ from the one it was built with.
public struct LibraryVersion: Sendable, Comparable, CustomStringConvertible {
    /// `0xMMmmrrpp`, as `rd_kafka_version()` gives it.
    public let number: UInt32

    /// The loaded library.
    public static let current = LibraryVersion(number: UInt32(bitPattern: rd_kafka_version()))

    /// The oldest one that has every call used here.
    public static let minimum = LibraryVersion(number: 0x0200_02ff)

    /// The version as people write it, such as `2.0.2`.
    public var description: String { "\(number >> 24).\(number >> 16 & 0xff).\(number >> 8 & 0xff)" }

    /// Orders by version.
    public static func < (left: LibraryVersion, right: LibraryVersion) -> Bool { left.number < right.number }

    /// Refuses a library that is too old, in a sentence that says which one is needed.
    public static func check() throws(KafkaError) { try check(current) }

    static func check(_ version: LibraryVersion) throws(KafkaError) {
        guard version < minimum else { return }
        throw KafkaError(
            RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
            detail: "librdkafka \(version) is loaded, \(minimum) or newer is needed"
        )
    }
}
