import CRdKafka
import Dispatch

/// Drains a producer on a queue of its own whenever librdkafka says that there is something: no polling, no sleeping.
///
/// Safety: librdkafka holds an unretained pointer to this object from `init` to `stop`, and the producer keeps it alive
/// for as long. The callback only adds to a dispatch source, which merges signals until its handler has run. The pump
/// runs on `queue` only.
final class QueueSignal: @unchecked Sendable {
    private let pump: EventPump
    private let client: ClientHandle
    private let queue = DispatchQueue(label: "kafka.reports", qos: .userInitiated)
    private let source: any DispatchSourceUserDataAdd
    private let handle: @Sendable (ProducerEvent) -> Void

    init(_ client: ClientHandle, _ pump: EventPump, _ onEvent: @escaping @Sendable (ProducerEvent) -> Void) {
        self.pump = pump
        self.client = client
        handle = { event in
            if case .delivered(let report) = event { SendWaiter.resume(report) } else { onEvent(event) }
        }
        source = DispatchSource.makeUserDataAddSource(queue: queue)
        source.setEventHandler { [pump, handle] in _ = pump.run(waitMilliseconds: 0, handle) }
        source.activate()
        let opaque = Unmanaged.passUnretained(self).toOpaque()
        rd_kafka_queue_cb_event_enable(
            client.queue,
            { _, opaque in
                guard let opaque else { return }
                Unmanaged<QueueSignal>.fromOpaque(opaque).takeUnretainedValue().source.add(data: 1)
            },
            opaque
        )
        source.add(data: 1)
    }

    /// Runs the pump until every record is reported, then ends as `stop` does.
    func finish(_ limit: Duration) {
        dispatchPrecondition(condition: .notOnQueue(queue))
        queue.sync {
            pump.runUntilReported(limit, handle)
            _ = pump.run(waitMilliseconds: 0, handle)
        }
        stop()
    }

    /// No callback and no run of the pump happens after this returns.
    func stop() {
        rd_kafka_queue_cb_event_enable(client.queue, nil, nil)
        source.cancel()
        queue.sync {}
    }
}
