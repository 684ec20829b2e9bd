import CRdKafka
import Glibc

extension Producer {
    /// Makes every arrival in the empty event queue add 1 to an eventfd (eight bytes are written). Drained mode.
    ///
    /// The owner then calls ``Producer/drain(waitMilliseconds:_:)``, which empties the queue: only the step from empty
    /// to not empty is told. One wake-up is written at once for what may have come before. The descriptor must be
    /// non-blocking and stay open until ``close(_:)``.
    public func wake(fileDescriptor: Int32) {
        precondition(signal == nil, "A producer in awaited mode drains itself.")
        guard !hasEnded else { return }
        var one: UInt64 = 1
        rd_kafka_queue_io_event_enable(client.queue, fileDescriptor, &one, MemoryLayout.size(ofValue: one))
        _ = write(fileDescriptor, &one, MemoryLayout.size(ofValue: one))
    }

    /// Hands every waiting event to `handle` until none is left, and returns how many there were. Drained mode, owner's
    /// thread. `handle` may produce, but not close. Waits at most that long for a first event; not at all by default,
    /// and never on a loop's thread.
    @discardableResult
    public func drain(waitMilliseconds: Int = 0, _ handle: (ProducerEvent) -> Void) -> Int {
        precondition(signal == nil, "A producer in awaited mode drains itself.")
        guard !hasEnded else { return 0 }
        return pump.run(waitMilliseconds: Int32(clamping: waitMilliseconds), handle)
    }

    /// Waits until every record is reported or the deadline has passed, and returns how many are left. Blocks.
    ///
    /// In drained mode events go to `handle`, on the calling thread, which is the owner's. In awaited mode they take
    /// their usual way and `handle` is not called.
    @discardableResult
    public func flush(deadline: Duration, _ handle: (ProducerEvent) -> Void = { _ in }) -> Int {
        guard signal == nil else { return flushAwaited(deadline) }
        guard !hasEnded else { return 0 }
        return pump.runUntilReported(deadline, handle)
    }

    private func flushAwaited(_ deadline: Duration) -> Int {
        do throws(KafkaError) {
            return try client.borrow { client throws(KafkaError) in
                rd_kafka_flush(client, deadline.clampedMilliseconds)
                return unreportedCount
            }
        } catch {
            return 0
        }
    }

    /// Throws away what is queued or in flight; each record is then reported with ``KafkaError/isPurged``.
    public func purge() {
        _ = try? client.borrow { client throws(KafkaError) in rd_kafka_purge(client, purgeEverything) }
    }

    /// Ends the producer: purges what ``flush(deadline:_:)`` left, hands over the last reports, stops librdkafka's
    /// threads and frees everything. Idempotent; later calls of other methods throw ``KafkaError/isClosed`` or do
    /// nothing. Blocks for some milliseconds, longer while ``partitionCount(of:timeout:)`` runs on another thread.
    ///
    /// Not from inside an event handler. In drained mode on the owner's thread; `handle` gets the events. To rebuild a
    /// producer without holding up a loop: `purge`, go on draining until ``unreportedCount`` is 0, then give the
    /// old one to another thread to close.
    public func close(_ handle: (ProducerEvent) -> Void = { _ in }) {
        guard client.shut() else { return }
        rd_kafka_purge(client.pointer, purgeEverything)
        if let signal {
            signal.finish(closeReportLimit)
        } else {
            precondition(!pump.isRunning, "A producer is not closed from inside its event handler.")
            hasEnded = true
            pump.runUntilReported(closeReportLimit, handle)
            _ = pump.run(waitMilliseconds: 0, handle)
            rd_kafka_queue_io_event_enable(client.queue, -1, nil, 0)
        }
        Producer.free(client, takeTopics())
    }
}

/// Limit: purged records are reported by librdkafka's threads at once; ten seconds only bound a defect there.
private let closeReportLimit = Duration.seconds(10)

private let purgeEverything = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT
