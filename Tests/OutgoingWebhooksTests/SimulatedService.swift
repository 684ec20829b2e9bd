import OutgoingWebhooks
import TestSupport

/// A service and the requests to it, in simulated time: as many are under way as the limit allows, and answers come in
/// the order in which they are due.
struct SimulatedService {
    struct Answer {
        var sign = LoadSign.answered
        var time = Duration.milliseconds(10)
    }

    private struct Request {
        let startedAt: ContinuousClock.Instant
        let finishedAt: ContinuousClock.Instant
        let sign: LoadSign
    }

    private(set) var limit: AdaptiveLimit
    /// The limit after each answer of the last run.
    private(set) var limits: [Int] = []
    private var now = ContinuousClock.now
    /// In the order in which they are answered.
    private var underway: [Request] = []

    init(ceiling: Int) {
        limit = AdaptiveLimit(ceiling: ceiling)
    }

    /// Answers so many requests.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - demand: at most so many requests are wanted at once.
    ///   - answer: what comes of a request that is sent while so many are under way, itself included.
    mutating func run(_ count: Int, demand: Int = .max, _ answer: (_ inFlight: Int) -> Answer) {
        limits = []
        for _ in 0..<count {
            while underway.count < min(limit.limit, demand) {
                let answer = answer(underway.count + 1)
                let request = Request(startedAt: now, finishedAt: now + answer.time, sign: answer.sign)
                let place = underway.lastIndex { $0.finishedAt <= request.finishedAt }.map { $0 + 1 }
                underway.insert(request, at: place ?? 0)
            }
            let inFlight = underway.count
            let request = underway.removeFirst()
            now = request.finishedAt
            limit.note(request.sign, startedAt: request.startedAt, finishedAt: now, inFlight: inFlight)
            limits.append(limit.limit)
        }
    }
}
