import Kafka

/// Whether a topic takes this client's records, and when to try again after the brokers have refused them for good.
/// Times are milliseconds of a clock that only goes forward; `jitter` is a random number from 0 to 1.
struct AccessStateMachine {
    // Limit: the first pause, and the longest: a right that was granted is seen a minute later at most.
    static let pauseMinMilliseconds: Int64 = 1_000
    static let pauseMaxMilliseconds: Int64 = 60_000

    enum Change: Equatable {
        case none
        /// Nothing is sent from now on.
        case suspended
        /// A trial has failed; the pause is a longer one.
        case refusedAgain
        /// Records are sent again.
        case resumed
    }

    /// Why nothing is sent; nil while records are.
    private(set) var refusal: KafkaError?
    /// When the next trial is due.
    private(set) var trialAt: Int64?
    /// Refusals since a record was acknowledged: a trial that succeeds proves less than a record.
    private var failures = 0

    /// A record or the client was refused. What was sent before a suspension is refused after it too, and changes
    /// nothing.
    mutating func refused(_ error: KafkaError, at now: Int64, jitter: Double) -> Change {
        guard refusal == nil else { return .none }
        postpone(error, at: now, jitter: jitter)
        return .suspended
    }

    func isTrialDue(at now: Int64) -> Bool { trialAt.map { $0 <= now } ?? false }

    mutating func tried(_ outcome: WriteTrial.Outcome, at now: Int64, jitter: Double) -> Change {
        guard let known = refusal else { return .none }
        switch outcome {
        case .granted:
            refusal = nil
            trialAt = nil
            return .resumed
        case .refused(let error):
            postpone(error, at: now, jitter: jitter)
            return .refusedAgain
        case .unanswered:
            postpone(known, at: now, jitter: jitter)
            return .none
        }
    }

    /// A record has been acknowledged.
    mutating func acknowledged() { if refusal == nil { failures = 0 } }

    private mutating func postpone(_ error: KafkaError, at now: Int64, jitter: Double) {
        refusal = error
        failures += 1
        trialAt = now + Self.pause(afterFailures: failures, jitter: jitter)
    }

    /// Doubles with each failure; half of it is random, so that replicas do not try together.
    static func pause(afterFailures failures: Int, jitter: Double) -> Int64 {
        let whole = min(pauseMaxMilliseconds, pauseMinMilliseconds << Int64(min(max(failures, 1), 16)))
        return max(pauseMinMilliseconds, whole / 2 + Int64(Double(whole / 2) * min(max(jitter, 0), 1)))
    }
}

/// How large a batch may be, so that no topic refuses it for what its records are only together. Pure.
struct BatchLimit {
    /// librdkafka's own, which no setting is needed for.
    static let standardBytes = 1_000_000
    // Limit: what a batch adds to its records' own bytes.
    static let overheadBytes = 512
    // Limit: below that a record is refused for its own size.
    static let bytesMin = 1_024

    /// What the user has set.
    private let chosen: Int?
    /// The smallest `max.message.bytes` of the topics, where it may be read.
    private var topicsMax: Int?
    /// Half of what was refused, where nothing may be read.
    private var learnedMax: Int?

    init(chosen: Int? = nil) { self.chosen = chosen }

    var bytesMax: Int {
        let wanted = chosen ?? Self.standardBytes
        let topics = topicsMax.map { $0 - Self.overheadBytes } ?? wanted
        return max(Self.bytesMin, min(wanted, topics, learnedMax ?? wanted))
    }

    /// What was learned from a refusal says less than a topic's setting.
    mutating func read(_ messageBytesMax: Int?) {
        if let messageBytesMax, messageBytesMax != topicsMax { learnedMax = nil }
        topicsMax = messageBytesMax ?? topicsMax
    }

    /// A batch was refused that was made with this limit; its records are all refused, and counted once.
    mutating func refused(batchesOf bytes: Int) {
        guard bytes == bytesMax else { return }
        learnedMax = max(Self.bytesMin, bytes / 2)
    }

    /// Whether a refusal for size is of this record itself: such a one had a batch of its own.
    static func isAlone(recordBytes: Int, inBatchesOf bytes: Int) -> Bool { recordBytes >= bytes || bytes <= bytesMin }
}
