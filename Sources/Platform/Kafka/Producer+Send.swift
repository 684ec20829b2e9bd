import CRdKafka

extension Producer {
    /// Sends a record and returns once the broker has acknowledged it. Awaited mode, from any task.
    ///
    /// Waits at most the producer's message timeout. A cancelled task waits all the same: a record that was handed over
    /// cannot be taken back. `partition` and `offset` of the record are not looked at.
    /// `topic` names another topic than the record's own. Throws ``KafkaError/isQueueFull``,
    /// ``KafkaError/isTimedOut``, ``KafkaError/isPurged`` (closed meanwhile), ….
    public func send(_ record: Record, to topic: String? = nil) async throws(KafkaError) -> RecordMetadata {
        precondition(signal != nil, "A producer in drained mode is used through produce.")
        let topic = try self.topic(topic ?? record.topic)
        let result = await withCheckedContinuation { continuation in
            submit(record, topic, SendWaiter(topic.name, continuation))
        }
        return try result.get()
    }

    private func submit(_ record: Record, _ topic: Topic, _ waiter: SendWaiter) {
        let opaque = Unmanaged.passRetained(waiter)
        do throws(KafkaError) {
            try client.borrow { _ throws(KafkaError) in
                let headers = RecordHeaders(of: record)
                let time = record.timestampMilliseconds ?? 0
                try enqueue(topic, record.key?.span, record.value?.span, headers, time, opaque.toOpaque())
            }
        } catch {
            opaque.release()
            waiter.resume(.failure(error))
        }
    }
}

/// A task that waits for its record's report. librdkafka holds it as the record's opaque value, retained once.
final class SendWaiter: Sendable {
    private let topic: String
    private let continuation: CheckedContinuation<Result<RecordMetadata, KafkaError>, Never>

    init(_ topic: String, _ continuation: CheckedContinuation<Result<RecordMetadata, KafkaError>, Never>) {
        self.topic = topic
        self.continuation = continuation
    }

    func resume(_ result: Result<RecordMetadata, KafkaError>) {
        continuation.resume(returning: result)
    }

    /// Wakes the task whose record a report is about. Called once for each record.
    static func resume(_ report: DeliveryReport) {
        guard let opaque = UnsafeRawPointer(bitPattern: report.opaque) else { return }
        let waiter = Unmanaged<SendWaiter>.fromOpaque(opaque).takeRetainedValue()
        if let error = report.error { return waiter.resume(.failure(error)) }
        waiter.resume(
            .success(RecordMetadata(topic: waiter.topic, partition: report.partition, offset: report.offset))
        )
    }
}

extension RecordHeaders {
    /// A record's headers, in their order.
    package init(of record: borrowing Record) {
        // Limit: an event has twelve, a replayed one three more; the list grows by itself.
        self.init(capacity: 16)
        record.forEachHeader { name, value in append(name, value) }
    }
}
