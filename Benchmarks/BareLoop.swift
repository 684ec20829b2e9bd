import CRdKafka

/// The least that sending a topic's records again takes: consume and produce, directly on librdkafka. Records come in
/// any order of partitions, are not inspected, and no progress is kept.
final class BareLoop {
    static func command(_ topic: EventTopic, target: String) -> [String] {
        ["replay-loop", topic.bootstrapServers, target, String(topic.partitions), String(topic.records)]
    }

    /// `replay-loop BOOTSTRAP TARGET PARTITIONS RECORDS`.
    static func run(_ arguments: [String]) throws {
        guard arguments.count == 4, let partitions = Int32(arguments[2]), let records = Int(arguments[3]) else {
            throw BenchOptions.UsageError(
                description:
                    "replay-loop needs a bootstrap server, a target topic and numbers of partitions and records"
            )
        }
        try BareLoop(arguments[0], target: arguments[1], partitions: partitions).run(records)
    }

    private static let batchMax = 1000

    private let reading: OpaquePointer
    private let client: OpaquePointer
    private let target: OpaquePointer
    private let reports: OpaquePointer
    private let span: ReadingSpan
    private var sent = 0
    private var acknowledged = 0

    private init(_ bootstrap: String, target name: String, partitions: Int32) throws {
        let consumer = try LoopClient.consuming(bootstrap).pointer
        guard let source = rd_kafka_topic_new(consumer, EventTopic.name, nil), let queue = rd_kafka_queue_new(consumer)
        else { throw Self.failure(rd_kafka_last_error()) }
        reading = queue
        for partition in 0..<partitions {
            let code = rd_kafka_consume_start_queue(source, partition, Int64(RD_KAFKA_OFFSET_BEGINNING), queue)
            guard code == 0 else { throw Self.failure(rd_kafka_last_error()) }
        }
        span = ReadingSpan()
        client = try LoopClient.producing(bootstrap).pointer
        guard let topic = rd_kafka_topic_new(client, name, nil), let main = rd_kafka_queue_get_main(client)
        else { throw Self.failure(rd_kafka_last_error()) }
        target = topic
        reports = main
    }

    /// Ends with the last acknowledgement; then the process ends, which frees everything.
    private func run(_ records: Int) throws {
        var slots = [UnsafeMutablePointer<rd_kafka_message_t>?](repeating: nil, count: Self.batchMax)
        while sent < records {
            if let first = rd_kafka_consume_queue(reading, 20) {
                try send(first)
                // What has been fetched already: with a timeout it would wait for a full batch.
                for index in 0..<max(0, rd_kafka_consume_batch_queue(reading, 0, &slots, slots.count)) {
                    if let message = slots[index] { try send(message) }
                }
            }
            try takeReports(waitMilliseconds: 0)
        }
        while acknowledged < sent { try takeReports(waitMilliseconds: 100) }
        span.end(records: acknowledged, violations: 0)
    }

    private func send(_ message: UnsafeMutablePointer<rd_kafka_message_t>) throws {
        defer { rd_kafka_message_destroy(message) }
        let read = message.pointee
        guard read.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw Self.failure(read.err) }
        var headers: OpaquePointer?
        rd_kafka_message_detach_headers(message, &headers)
        let time = rd_kafka_message_timestamp(message, nil)
        while true {
            let code = relay_producev(
                client,
                target,
                -1,
                read.key,
                read.key_len,
                read.payload,
                read.len,
                headers,
                time,
                nil
            )
            switch code {
            case RD_KAFKA_RESP_ERR_NO_ERROR:
                sent += 1
                return
            case RD_KAFKA_RESP_ERR__QUEUE_FULL: try takeReports(waitMilliseconds: 20)
            default: throw Self.failure(code)
            }
        }
    }

    private func takeReports(waitMilliseconds: Int32) throws {
        var wait = waitMilliseconds
        while let event = rd_kafka_queue_poll(reports, wait) {
            defer { rd_kafka_event_destroy(event) }
            wait = 0
            guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR else { continue }
            while let report = rd_kafka_event_message_next(event) {
                guard report.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw Self.failure(report.pointee.err) }
                acknowledged += 1
            }
        }
    }

    private static func failure(_ code: rd_kafka_resp_err_t) -> BenchmarkFailure {
        BenchmarkFailure(description: "the bare loop: \(String(cString: rd_kafka_err2str(code)))")
    }
}

/// A librdkafka client without anything of ours around it.
///
/// It writes with a replay's settings, repeated here, and reads with the prefetch that is best for it; a replay has an
/// eighth of that.
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

    /// KiB that are prefetched: one queue holds all partitions.
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
