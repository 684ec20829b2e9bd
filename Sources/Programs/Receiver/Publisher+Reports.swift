import Dispatch
import HTTPServer
import Kafka

/// What comes back from Kafka.
extension Publisher {
    /// Empties the event queues of all producers. Called on the loop's thread, woken by the reports themselves.
    func drain() {
        current.producer.drain { self.take($0) }
        for client in retired {
            client.producer.drain { self.take($0) }
        }
        if needsReplacement { replace() }
        if !retired.isEmpty { letGo() }
    }

    func take(_ event: ProducerEvent) {
        switch event {
        case .delivered(let report): settle(report)
        case .fatal(let error):
            needsReplacement = true
            context.telemetry.lostProducer(error)
        case .error(let error): context.telemetry.noted(error)
        case .statistics(let json): show(statistics: json)
        case .log(let line): context.telemetry.noted(line)
        }
    }

    private func settle(_ report: DeliveryReport) {
        guard let waiting = inFlight.remove(report.opaque) else { return }
        admission.release(bytes: waiting.bytes)
        let waited = loop.nowNanoseconds &- waiting.requestAtNanoseconds
        context.telemetry.acknowledged(after: report.latencyMicroseconds)
        guard !waiting.isSettled else { return }
        let outcome = Self.outcome(of: report, wanted: waiting.outcome)
        context.telemetry.answered(outcome, typeIndex: waiting.typeIndex, after: waited)
        if outcome == .published {
            context.answers.published(waiting, on: loop)
        } else {
            context.answers.answer(outcome, waiting.exchange, on: loop)
        }
    }

    /// The document has some 20 kilobytes: it is read elsewhere, so that no delivery waits for it.
    private func show(statistics json: [UInt8]) {
        DispatchQueue.global().async { [gauges, state] in
            guard let statistics = Statistics(json: json) else { return }
            gauges.show(statistics)
            if let idempotence = statistics.idempotence { state.note(hasProducerID: idempotence.isAssigned) }
        }
    }

    /// A record that may have reached the log, but whose ack did not come in time, is told apart from one that did not.
    private static func outcome(of report: DeliveryReport, wanted: Outcome) -> Outcome {
        guard let error = report.error else { return wanted }
        if error.isTooLarge { return .tooLarge }
        return report.persistence == .possiblyPersisted ? .deadlineExceeded : .brokerUnavailable
    }

    /// A fatal error ends a producer for good, because an idempotent producer can no longer promise its order. The next
    /// one takes over, and what the old one still owes is reported as failed, so that every request gets its 503.
    private func replace() {
        do throws(KafkaError) {
            let next = try Self.connect(context, state)
            next.producer.wake(fileDescriptor: wakeup)
            current.watch.stop()
            current.producer.purge()
            retired.append(current)
            current = next
            needsReplacement = false
        } catch {
            context.telemetry.cannotReplaceProducer(error)
        }
    }

    /// Closes the retired producers that owe no report. Closing waits for librdkafka's threads, which a loop must not.
    private func letGo() {
        let ended = retired.partition { $0.producer.unreportedCount == 0 }
        for client in retired[ended...] {
            DispatchQueue.global().async { client.producer.close() }
        }
        retired.removeSubrange(ended...)
    }

    /// The request of this exchange is answered or gone; its record still counts until its report comes.
    func settle(_ exchange: Exchange) -> Waiting? { inFlight.settle(exchange) }
}
