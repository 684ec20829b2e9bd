/// What a ``TopicWatch`` remembers: the partition count first seen and the state last told.
struct TopicMemory {
    private var firstCount: Int?
    private var told: TopicWatch.State?

    /// The state after an answer to "how many partitions"; `nil` if it has been told.
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
