import CRdKafka

/// A librdkafka client without anything of ours around it.
///
/// Its settings are those with which a replay writes, said once more; it reads with the prefetch that serves it best,
/// where a replay has an eighth of that.
struct LoopClient {
    let pointer: OpaquePointer

    init(_ type: rd_kafka_type_t, _ settings: [String: String]) throws {
        let configuration = rd_kafka_conf_new()
        var text = [CChar](repeating: 0, count: 512)
        for (name, value) in settings {
            let result = rd_kafka_conf_set(configuration, name, value, &text, text.count)
            guard result == RD_KAFKA_CONF_OK else { throw Self.failure(name, text) }
        }
        rd_kafka_conf_set_events(configuration, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR)
        guard let client = rd_kafka_new(type, configuration, &text, text.count) else {
            throw Self.failure("librdkafka", text)
        }
        pointer = client
    }

    private static func failure(_ name: String, _ text: [CChar]) -> BenchmarkFailure {
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return BenchmarkFailure(description: "\(name): \(String(decoding: bytes, as: UTF8.self))")
    }

    /// KiB that are fetched ahead: one queue holds all partitions.
    static let prefetchKibibytes = 196_608

    static func consuming(_ bootstrap: String) throws -> LoopClient {
        try LoopClient(
            RD_KAFKA_CONSUMER,
            [
                "bootstrap.servers": bootstrap, "queued.max.messages.kbytes": String(prefetchKibibytes),
                "fetch.wait.max.ms": "50", "fetch.error.backoff.ms": "50", "socket.nagle.disable": "true",
            ]
        )
    }

    static func producing(_ bootstrap: String) throws -> LoopClient {
        try LoopClient(
            RD_KAFKA_PRODUCER,
            [
                "bootstrap.servers": bootstrap, "enable.idempotence": "true", "acks": "all",
                "partitioner": "murmur2_random", "linger.ms": "100", "message.timeout.ms": "0",
                "queue.buffering.max.messages": "50000", "queue.buffering.max.kbytes": "65536",
                "message.max.bytes": "1048588", "batch.size": "1000000", "socket.nagle.disable": "true",
            ]
        )
    }
}
