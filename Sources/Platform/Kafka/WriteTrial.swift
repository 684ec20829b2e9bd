import CRdKafka

/// Asks the brokers whether this client may write, without writing anything. Blocks: never on a loop's thread.
package enum WriteTrial {
    /// What a trial has shown.
    package enum Outcome: Sendable, Equatable {
        case granted
        case refused(KafkaError)
        /// No broker has said anything decisive in time.
        case unanswered(KafkaError?)
    }

    /// Logs in and asks for a producer id, which brokers give to users that may write to some topic.
    package static func producerID(_ settings: ProducerSettings, timeout: Duration) throws(KafkaError) -> Outcome {
        var settings = settings
        settings.statisticsIntervalMilliseconds = 100
        let producer = try Producer(settings)
        defer { producer.close() }
        let deadline = ContinuousClock.now + timeout
        var outcome: Outcome?
        var lastError: KafkaError?
        while outcome == nil, .now < deadline {
            producer.drain(waitMilliseconds: 100) { event in
                switch event {
                case .fatal(let error): outcome = outcome ?? .refused(error)
                case .error(let error) where error.isAuthentication: outcome = outcome ?? .refused(error)
                case .error(let error): lastError = error
                case .statistics(let json):
                    let isAssigned = Statistics(json: json)?.idempotence?.isAssigned ?? false
                    if isAssigned { outcome = outcome ?? .granted }
                case .delivered, .log: break
                }
            }
        }
        return outcome ?? .unanswered(lastError)
    }

    /// Asks whether a record may be written to a topic, by a request that cannot be carried out: it wants two
    /// acknowledgements. Brokers look for the right to write first (TOPIC_AUTHORIZATION_FAILED), then refuse that
    /// number (INVALID_REQUIRED_ACKS) without looking at the record.
    ///
    /// A broker that is not Apache Kafka and looks at neither would store the record, which has no key and no value:
    /// the caller asks seldom, and not again where that has happened (`wasStored`).
    package static func topic(
        _ name: String,
        _ client: ClientSettings,
        timeout: Duration
    ) throws(KafkaError) -> (outcome: Outcome, wasStored: Bool) {
        let options = [
            ClientOption("acks", aliases: ["request.required.acks"], "2"),
            ClientOption("enable.idempotence", false),
            ClientOption("linger.ms", aliases: ["queue.buffering.max.ms"], 0),
            ClientOption("message.timeout.ms", aliases: ["delivery.timeout.ms"], Int(timeout.clampedMilliseconds)),
        ]
        var client = client
        for option in ["batch.size", "linger.ms", "message.timeout.ms"] { client.extra[option] = nil }
        let handle = try ClientHandle(client, options, type: RD_KAFKA_PRODUCER)
        defer { if handle.shut() { handle.destroy() } }
        guard let topic = rd_kafka_topic_new(handle.pointer, name, nil) else {
            throw KafkaError(rd_kafka_last_error(), detail: "cannot use topic \"\(name)\"")
        }
        defer { rd_kafka_topic_destroy(topic) }
        let code = relay_producev(handle.pointer, topic, -1, nil, 0, nil, 0, nil, 0, nil)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        return answer(handle, until: .now + timeout + .seconds(1))
    }

    private static func answer(
        _ client: ClientHandle,
        until deadline: ContinuousClock.Instant
    ) -> (outcome: Outcome, wasStored: Bool) {
        var lastError: KafkaError?
        while .now < deadline {
            guard let event = rd_kafka_queue_poll(client.queue, 100) else { continue }
            defer { rd_kafka_event_destroy(event) }
            if rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR {
                let error = KafkaError(event: event)
                if error.isAuthentication { return (.refused(error), false) }
                lastError = error
            }
            if let message = rd_kafka_event_message_next(event) {
                return verdict(DeliveryReport(message).error, lastError)
            }
        }
        return (.unanswered(lastError), false)
    }

    private static func verdict(_ error: KafkaError?, _ last: KafkaError?) -> (outcome: Outcome, wasStored: Bool) {
        guard let error else { return (.granted, true) }
        if error.code == RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS.rawValue { return (.granted, false) }
        return error.isAccessRefused ? (.refused(error), false) : (.unanswered(last ?? error), false)
    }
}
