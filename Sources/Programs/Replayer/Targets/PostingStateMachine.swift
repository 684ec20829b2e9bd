import Kafka
import OrderedConsumer
import OutgoingWebhooks
import TextOutput

/// One request at a time for each key, in order, also through retries. Records without a key have no order. Once a
/// record has used up its attempts nothing more is started, because later records must not overtake it. Time comes in.
struct PostingStateMachine {
    struct Limits {
        /// Limit: records that wait or are in flight, and their bytes. One is taken in any case.
        var recordsMax = 1_000
        var bytesMax = 32 << 20
    }

    struct Post {
        let slot: Int
        let record: Record
        /// 1 is the first.
        let attempt: Int
    }

    struct Settled: Equatable {
        let slot: Int
        let outcome: ReplayOutcome
    }

    private enum QueueName: Hashable {
        case key([UInt8])
        case slot(Int)
    }

    private struct Entry {
        let slot: Int
        let record: Record
        let bytes: Int
    }

    private struct KeyQueue {
        var entries = Fifo<Entry>()
        var failures = 0
    }

    let limits: Limits
    let retry: RetryPolicy
    private var queues: [QueueName: KeyQueue] = [:]
    private var ready = Fifo<QueueName>()
    /// Queues that wait for their next attempt, the earliest one last.
    private var retries: [(due: ContinuousClock.Instant, queue: QueueName)] = []
    private var underWay: [Int: QueueName] = [:]
    /// The service wants no request before.
    private var heldUntil: ContinuousClock.Instant?
    private var settled: [Settled] = []
    private var random: any RandomNumberGenerator
    private(set) var records = 0
    private(set) var bytes = 0
    private(set) var trouble: ReplayTargetError?

    init(_ limits: Limits, retry: RetryPolicy, random: any RandomNumberGenerator = SystemRandomNumberGenerator()) {
        self.limits = limits
        self.retry = retry
        self.random = random
    }

    var underWayCount: Int { underWay.count }
    var hasSettled: Bool { !settled.isEmpty }

    /// When ``wake(at:)`` has something to do next.
    var nextDue: ContinuousClock.Instant? { trouble == nil ? retries.last?.due : nil }

    mutating func offer(_ record: Record, slot: Int) -> Bool {
        let size = Self.size(of: record)
        guard records == 0 || (records < limits.recordsMax && size <= limits.bytesMax - bytes) else { return false }
        records += 1
        bytes += size
        let name = record.key.map { QueueName.key($0) } ?? .slot(slot)
        queues[name, default: KeyQueue()].entries.append(Entry(slot: slot, record: record, bytes: size))
        if queues[name]?.entries.count == 1 { ready.append(name) }
        return true
    }

    mutating func wake(at now: ContinuousClock.Instant) {
        if let until = heldUntil, until <= now { heldUntil = nil }
        while let next = retries.last, next.due <= now {
            retries.removeLast()
            ready.append(next.queue)
        }
    }

    /// The next request to start, unless as many are in flight as may be. Each is reported with ``finish(_:_:at:)``.
    mutating func take(underWayMax: Int) -> Post? {
        guard trouble == nil, heldUntil == nil, underWay.count < underWayMax, let name = ready.removeFirst() else {
            return nil
        }
        guard let queue = queues[name], let entry = queue.entries.first else {
            preconditionFailure("A queue that is ready has a record.")
        }
        underWay[entry.slot] = name
        return Post(slot: entry.slot, record: entry.record, attempt: queue.failures + 1)
    }

    mutating func finish(_ slot: Int, _ verdict: AnswerVerdict, at now: ContinuousClock.Instant) {
        guard let name = underWay.removeValue(forKey: slot), let queue = queues[name], let entry = queue.entries.first
        else { preconditionFailure("A request ends once.") }
        switch verdict {
        case .done: settle(name, .sent)
        case .deadLetter(_, let message): settle(name, .failed(Self.line("\(Self.name(entry.record)): \(message)")))
        // A service that asks for time has not failed.
        case .hold(let after?, _, _):
            heldUntil = max(heldUntil ?? now, now + after)
            insert(name, due: heldUntil ?? now)
        case .retry(let after, _, let message), .hold(let after, _, let message):
            let failures = queue.failures + 1
            queues[name]?.failures = failures
            guard !retry.isExhausted(failures) else { return giveUp(entry.record, failures, message) }
            let pause = retry.delay(afterAttempt: failures, atLeast: after, &random)
            insert(name, due: now + pause)
        }
    }

    mutating func takeSettled() -> [Settled] {
        defer { settled = [] }
        return settled
    }

    private mutating func settle(_ name: QueueName, _ outcome: ReplayOutcome) {
        guard var queue = queues[name], let entry = queue.entries.removeFirst() else { return }
        queue.failures = 0
        queues[name] = queue.entries.isEmpty ? nil : queue
        if !queue.entries.isEmpty { ready.append(name) }
        records -= 1
        bytes -= entry.bytes
        settled.append(Settled(slot: entry.slot, outcome: outcome))
    }

    private mutating func giveUp(_ record: Record, _ attempts: Int, _ message: String) {
        guard trouble == nil else { return }
        let count = attempts == 1 ? "1 attempt" : "\(attempts) attempts"
        trouble = ReplayTargetError(
            Self.line("\(Self.name(record)) was given up after \(count): \(message)")
                + "; what was sent stays sent, and the replay can be resumed"
        )
    }

    private mutating func insert(_ name: QueueName, due: ContinuousClock.Instant) {
        let place = retries.firstIndex { $0.due <= due } ?? retries.endIndex
        retries.insert((due, name), at: place)
    }

    private static func size(of record: Record) -> Int {
        record.headers.reduce((record.key?.count ?? 0) + (record.value?.count ?? 0)) { sum, header in
            sum + header.name.utf8.count + (header.value?.count ?? 0)
        }
    }

    // Limit: an id may have 768 bytes, and an error's text is libcurl's.
    private static func name(_ record: Record) -> String {
        "event " + PlainText.cut(EventRequest(record).webhookID, bytesMax: 128)
    }

    private static func line(_ text: String) -> String { PlainText.cut(text, bytesMax: 512) }
}
