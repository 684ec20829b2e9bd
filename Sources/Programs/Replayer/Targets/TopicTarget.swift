package import Kafka

/// No record is given up while others of its key go on: the producer is idempotent and retries for ever, and the replay
/// decides when it has waited long enough.
package final class TopicTarget: ReplayTarget {
    // Limit: records that wait for their acknowledgement; the producer's queue is full before memory is.
    private static let queueMessagesMax = 50_000
    private static let queueKibibytesMax = 65_536

    // Limit: what a batch of one record adds to the record's own bytes; each header has some bytes of its own.
    private static let overheadBytes = 512

    private let producer: Producer
    private let topic: Topic
    private let messageBytesMax: Int
    private var refused: [(slot: Int, reason: String)] = []
    private var failure: ReplayTargetError?
    private var lastError: KafkaError?

    /// `messageBytesMax` is the topic's `max.message.bytes`: what is larger fails by itself and not with its batch.
    package init(_ client: ClientSettings, topic name: String, messageBytesMax: Int) throws(KafkaError) {
        let bytesMax = min(max(messageBytesMax, 2048), 512 << 20)
        self.messageBytesMax = bytesMax
        producer = try Producer(
            ProducerSettings(
                client: client,
                lingerMilliseconds: 100,
                messageTimeoutMilliseconds: 0,
                queueMessagesMax: Self.queueMessagesMax,
                queueKibibytesMax: max(Self.queueKibibytesMax, bytesMax / 1024 * 2),
                messageBytesMax: bytesMax,
                batchBytesMax: min(bytesMax - Self.overheadBytes, 1_000_000),
                statisticsIntervalMilliseconds: 0
            )
        )
        topic = try producer.topic(name)
    }

    package func offer(_ record: inout Record, slot: Int) throws -> Bool {
        guard !isTooLarge(record) else {
            refused.append((slot, "it is larger than the \(messageBytesMax) bytes that \(topic.name) takes"))
            return true
        }
        do throws(KafkaError) {
            try producer.produce(&record, to: topic, opaque: UInt(slot))
            return true
        } catch {
            guard error.isQueueFull else { throw ReplayTargetError("\(topic.name) takes nothing more: \(error)") }
            return false
        }
    }

    /// A broker refuses a whole batch for one record that is too large, so such a record is never produced.
    private func isTooLarge(_ record: Record) -> Bool {
        var bytes = Self.overheadBytes + (record.key?.count ?? 0) + (record.value?.count ?? 0)
        // Limit: below that, no headers that librdkafka can hold are asked for their sizes.
        guard bytes > messageBytesMax / 2 else { return false }
        record.forEachHeader { name, value in
            bytes += 8 + name.count
            if let value { bytes += value.count }
        }
        return bytes > messageBytesMax
    }

    package func settle(waitMilliseconds: Int, _ body: (Int, ReplayOutcome) -> Void) throws {
        for (slot, reason) in refused { body(slot, .failed(reason)) }
        let wait = refused.isEmpty ? waitMilliseconds : 0
        refused.removeAll(keepingCapacity: true)
        producer.drain(waitMilliseconds: wait) { event in
            switch event {
            case .delivered(let report): take(report, body)
            case .fatal(let error): failure = ReplayTargetError("the producer cannot go on: \(error)")
            case .error(let error): lastError = error
            case .statistics, .log: break
            }
        }
        if let failure { throw failure }
    }

    /// A batch is refused as a whole, so the error says nothing about a single record: it ends the replay.
    private func take(_ report: DeliveryReport, _ body: (Int, ReplayOutcome) -> Void) {
        guard let error = report.error else { return body(Int(report.opaque), .sent) }
        failure = failure ?? ReplayTargetError("\(topic.name) refuses records: \(error)")
    }

    package var trouble: String? { lastError.map { "\($0)" } }

    package func close() { producer.close() }
}

package struct TopicFacts: Sendable, Equatable {
    /// The largest batch, and so the largest record, that it takes.
    package let messageBytesMax: Int
    /// How long it keeps records, in milliseconds; nil without a limit, or when it is not known.
    package let retentionMilliseconds: Int64?
    /// It sets records' timestamps to the time of their arrival.
    package let restampsRecords: Bool
    package let isCompacted: Bool

    /// Kafka's default, for a cluster that does not let us read the setting.
    private static let messageBytesMaxDefault = 1_048_588

    package static func read(_ topic: String, _ client: ClientSettings) async throws -> TopicFacts {
        let admin = try Admin(client)
        defer { admin.close() }
        guard try await admin.describeTopics([topic], includingConfig: false)[topic] != nil else {
            throw ReplayError.noTarget(topic)
        }
        // Describing a topic's settings needs a permission of its own, which a replay can do without.
        return TopicFacts(config: (try? await admin.describeTopics([topic]))?[topic]?.config ?? [:])
    }

    package init(config: [String: TopicDescription.ConfigEntry]) {
        func value(_ name: String) -> String? { config[name]?.value }
        messageBytesMax = value("max.message.bytes").flatMap { Int($0) } ?? Self.messageBytesMaxDefault
        retentionMilliseconds = value("retention.ms").flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 }
        restampsRecords = value("message.timestamp.type") == "LogAppendTime"
        isCompacted = value("cleanup.policy")?.contains("compact") ?? false
    }

    /// Warnings about records from `oldest` on; it and `now` are milliseconds since 1970.
    package func notices(_ topic: String, oldest: Int64?, now: Int64) -> [String] {
        var notices: [String] = []
        if restampsRecords {
            notices.append("\(topic) gives records the time of their arrival (message.timestamp.type=LogAppendTime)")
        } else if let retentionMilliseconds, let oldest, now - oldest > retentionMilliseconds {
            notices.append(
                "\(topic) keeps records for \(retentionMilliseconds / 3_600_000) h by their times, which stay as they "
                    + "were: older ones may be deleted soon after they arrive"
            )
        }
        if isCompacted { notices.append("\(topic) is compacted: it keeps only the newest record of each key") }
        return notices
    }
}
