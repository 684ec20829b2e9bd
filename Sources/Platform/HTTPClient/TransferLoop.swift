import CCurl

/// The client's thread. It owns the multi handle and every connection; no other thread touches them.
// Safety: created by one thread, then handed to the client's thread, which alone uses it from `run()` to its end.
final class TransferLoop: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer
    private let inbox: Inbox
    private let settings: ClientSettings
    private var numbered: [Int: ConnectionQueue] = [:]
    private var shared: [ConnectionQueue] = []
    private var nextShared = 0
    /// Where each open request is, for cancellation.
    private var queueOfJob: [UInt64: ConnectionQueue] = [:]
    private var answeredSinceTake = 0

    // Limit: one wait, in milliseconds; a wake-up, a socket or a time-out ends it sooner.
    private static let sleepMillisecondsMax: Int32 = 1_000

    init(multi: UnsafeMutableRawPointer, inbox: Inbox, settings: ClientSettings) {
        self.multi = multi
        self.inbox = inbox
        self.settings = settings
    }

    func run() {
        var batch = Inbox.Batch()
        while true {
            inbox.take(answered: answeredSinceTake, into: &batch)
            answeredSinceTake = 0
            if batch.isClosing { break }
            for job in batch.jobs { accept(job) }
            for id in batch.cancelled { cancel(id) }
            batch.jobs.removeAll(keepingCapacity: true)
            batch.cancelled.removeAll(keepingCapacity: true)
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            completeFinished()
            if inbox.fallAsleep() { curl_multi_poll(multi, nil, 0, Self.sleepMillisecondsMax, nil) }
        }
        end(batch.jobs)
    }

    private func accept(_ job: Job) {
        guard let queue = queue(for: job.request) else { return answer(job, .failure(.busy)) }
        queueOfJob[job.id] = queue
        queue.enqueue(job)
        startNext(on: queue)
    }

    private func queue(for request: ClientRequest) -> ConnectionQueue? {
        if let number = request.connection {
            if let queue = numbered[number] { return queue }
            guard numbered.count < settings.connectionsMax, let queue = ConnectionQueue(settings) else { return nil }
            numbered[number] = queue
            return queue
        }
        if let idle = shared.first(where: \.isIdle) { return idle }
        if shared.count < settings.sharedConnectionsMax, let queue = ConnectionQueue(settings) {
            shared.append(queue)
            return queue
        }
        guard !shared.isEmpty else { return nil }
        nextShared = (nextShared + 1) % shared.count
        return shared[nextShared]
    }

    /// A request that libcurl refuses to start is answered, and the queue's next one is started.
    private func startNext(on queue: ConnectionQueue) {
        while let job = queue.startNext() {
            let code = curl_multi_add_handle(multi, queue.easy)
            if code == CURLM_OK { return }
            queue.finish()
            let message = String(cString: curl_multi_strerror(code))
            answer(job, .failure(.other(code: Int(code.rawValue), message: message)))
        }
    }

    private func completeFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            guard let queue = ConnectionQueue.of(easy) else { continue }
            curl_multi_remove_handle(multi, easy)
            let result = queue.result(code)
            if let job = queue.finish() { answer(job, result) }
            startNext(on: queue)
        }
    }

    private func cancel(_ id: UInt64) {
        guard let queue = queueOfJob[id] else { return }
        if queue.runningID == id {
            // libcurl closes the connection of a transfer that is taken out half done.
            curl_multi_remove_handle(multi, queue.easy)
            if let job = queue.finish() { answer(job, .failure(.cancelled)) }
            startNext(on: queue)
        } else if let job = queue.withdraw(id) {
            answer(job, .failure(.cancelled))
        }
    }

    private func answer(_ job: Job, _ result: Result<ClientResponse, ClientError>) {
        queueOfJob[job.id] = nil
        answeredSinceTake += 1
        job.continuation.resume(returning: result)
    }

    private func end(_ unread: [Job]) {
        for job in unread + inbox.terminate() { job.continuation.resume(returning: .failure(.closed)) }
        for queue in Array(numbered.values) + shared {
            if queue.runningID != nil { curl_multi_remove_handle(multi, queue.easy) }
            for job in queue.withdrawAll() { job.continuation.resume(returning: .failure(.closed)) }
        }
        // The easy handles go before their multi handle: they are closed as the queues are released.
        numbered = [:]
        shared = []
        queueOfJob = [:]
        curl_multi_cleanup(multi)
    }
}
