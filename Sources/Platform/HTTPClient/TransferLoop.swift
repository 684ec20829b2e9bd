import CCurl

/// The client's thread: owns the multi handle and every lane; nobody else touches them.
// Safety: created by one thread, then handed to the client's thread, which alone uses it from `run()` to its end.
final class TransferLoop: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer
    private let inbox: Inbox
    private let settings: ClientSettings
    private var lanes: [Int: Lane] = [:]
    private var unnamedLanes: [Lane] = []
    private var nextUnnamedLane = 0
    /// Where each open request is, for cancellation.
    private var laneOfJob: [UInt64: Lane] = [:]
    private var answeredSinceTake = 0

    /// Limit: one sleep, in milliseconds; a caller ends it sooner by a wake-up, a socket or a time-out too.
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
        guard let lane = lane(for: job.request) else { return answer(job, .failure(.busy)) }
        laneOfJob[job.id] = lane
        lane.enqueue(job)
        startNext(on: lane)
    }

    private func lane(for request: ClientRequest) -> Lane? {
        if let name = request.lane {
            if let lane = lanes[name] { return lane }
            guard lanes.count < settings.lanesMax, let lane = Lane(settings) else { return nil }
            lanes[name] = lane
            return lane
        }
        if let idle = unnamedLanes.first(where: \.isIdle) { return idle }
        if unnamedLanes.count < settings.unnamedLanesMax, let lane = Lane(settings) {
            unnamedLanes.append(lane)
            return lane
        }
        guard !unnamedLanes.isEmpty else { return nil }
        nextUnnamedLane = (nextUnnamedLane + 1) % unnamedLanes.count
        return unnamedLanes[nextUnnamedLane]
    }

    /// A request that libcurl refuses to start is answered, and the next one of the lane gets its turn.
    private func startNext(on lane: Lane) {
        while let job = lane.startNext() {
            let code = curl_multi_add_handle(multi, lane.easy)
            if code == CURLM_OK { return }
            lane.finish()
            let message = String(cString: curl_multi_strerror(code))
            answer(job, .failure(.other(code: Int(code.rawValue), message: message)))
        }
    }

    private func completeFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            guard let lane = Lane.of(easy) else { continue }
            curl_multi_remove_handle(multi, easy)
            let result = lane.result(code)
            if let job = lane.finish() { answer(job, result) }
            startNext(on: lane)
        }
    }

    private func cancel(_ id: UInt64) {
        guard let lane = laneOfJob[id] else { return }
        if lane.runningID == id {
            // libcurl closes the connection of a transfer that is taken out half done.
            curl_multi_remove_handle(multi, lane.easy)
            if let job = lane.finish() { answer(job, .failure(.cancelled)) }
            startNext(on: lane)
        } else if let job = lane.withdraw(id) {
            answer(job, .failure(.cancelled))
        }
    }

    private func answer(_ job: Job, _ result: Result<ClientResponse, ClientError>) {
        laneOfJob[job.id] = nil
        answeredSinceTake += 1
        job.continuation.resume(returning: result)
    }

    private func end(_ unread: [Job]) {
        for job in unread + inbox.terminate() { job.continuation.resume(returning: .failure(.closed)) }
        for lane in Array(lanes.values) + unnamedLanes {
            if lane.runningID != nil { curl_multi_remove_handle(multi, lane.easy) }
            for job in lane.withdrawAll() { job.continuation.resume(returning: .failure(.closed)) }
        }
        // The easy handles go before their multi handle: they are closed as the lanes are released.
        lanes = [:]
        unnamedLanes = []
        laneOfJob = [:]
        curl_multi_cleanup(multi)
    }
}
