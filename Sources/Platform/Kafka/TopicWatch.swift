import Dispatch
import Synchronization

/// Watches a topic's metadata on its own thread: whether the cluster answers, and how many partitions there are.
///
/// Asks at once and then with a short pause until the topic is known, later with a long one. Each change of the state
/// calls the closure, on the watch's thread.
public final class TopicWatch: Sendable {
    /// What is known about the topic.
    public enum State: Sendable, Equatable {
        /// The cluster does not answer, or the topic does not exist.
        case unavailable(KafkaError)
        /// The topic has this many partitions, the same as before if it was known before.
        case ready(partitions: Int)
        /// The partition count differs from the first one: keys have moved. Lasts until the count is `from` again.
        case changed(from: Int, to: Int)
    }

    /// How often to ask. The defaults: 500 ms for an answer, 100 ms between failures, 10 s between successes.
    public struct Pace: Sendable {
        /// How long an answer may take. Closing the producer waits for it at most this long.
        public var timeout: Duration
        /// The pause after a failure.
        public var retry: Duration
        /// The pause after an answer.
        public var refresh: Duration

        /// A pace.
        public init(
            timeout: Duration = .milliseconds(500),
            retry: Duration = .milliseconds(100),
            refresh: Duration = .seconds(10)
        ) {
            self.timeout = timeout
            self.retry = retry
            self.refresh = refresh
        }
    }

    private let isStopped = Atomic<Bool>(false)
    private let stopSignal = DispatchSemaphore(value: 0)

    /// Starts watching.
    public init(
        _ producer: Producer,
        topic: String,
        pace: Pace = Pace(),
        onChange: @escaping @Sendable (State) -> Void
    ) { DispatchQueue(label: "kafka.watch").async { [self] in run(producer, topic, pace, onChange) } }

    /// Ends the watch at once, without waiting. At most one `onChange` that has begun may still be running.
    public func stop() {
        isStopped.store(true, ordering: .releasing)
        stopSignal.signal()
    }

    private func run(_ producer: Producer, _ topic: String, _ pace: Pace, _ onChange: (State) -> Void) {
        var memory = TopicMemory()
        while true {
            let answer = TopicWatch.ask(producer, topic, pace.timeout)
            guard !isStopped.load(ordering: .acquiring) else { return }
            if case .failure(let reason) = answer, reason.isClosed { return }
            if let change = memory.take(answer) { onChange(change) }
            let pause = if case .success = answer { pace.refresh } else { pace.retry }
            let end = DispatchTime.now() + .milliseconds(Int(pause.clampedMilliseconds))
            guard stopSignal.wait(timeout: end) == .timedOut else { return }
        }
    }

    private static func ask(_ producer: Producer, _ topic: String, _ timeout: Duration) -> Result<Int, KafkaError> {
        do throws(KafkaError) {
            return .success(try producer.partitionCount(of: topic, timeout: timeout))
        } catch {
            return .failure(error)
        }
    }
}

/// What a ``TopicWatch`` remembers: the first partition count and the last state that was reported.
struct TopicMemory {
    private var firstCount: Int?
    private var told: TopicWatch.State?

    /// The state after an answer to "how many partitions"; `nil` if it was reported already.
    mutating func take(_ answer: Result<Int, KafkaError>) -> TopicWatch.State? {
        let state = state(after: answer)
        guard state != told else { return nil }
        told = state
        return state
    }

    private mutating func state(after answer: Result<Int, KafkaError>) -> TopicWatch.State {
        switch answer {
        case .failure(let reason): return .unavailable(reason)
        case .success(let count):
            let first = firstCount ?? count
            firstCount = first
            return count == first ? .ready(partitions: count) : .changed(from: first, to: count)
        }
    }
}
