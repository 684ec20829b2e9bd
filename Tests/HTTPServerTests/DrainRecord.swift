import Foundation

/// What the two sides of a drained server noted: its handlers, and its clients.
final class DrainRecord: Sendable {
    /// What a client saw of one request.
    enum Outcome: Equatable {
        /// The whole answer, as the handler gave it.
        case answered
        /// The server's own refusal.
        case refused(Int)
        /// The connection was closed before a byte of an answer.
        case unanswered
        /// Anything else; there must be none.
        case wrong(String)
    }

    struct State {
        /// How often each request was handed to a handler.
        var handled: [String: Int] = [:]
        var outcomes: [String: Outcome] = [:]
        /// Requests of which the server has read some bytes before it was told to stop.
        var begun: Set<String> = []
        var abandoned = 0
        var expired = 0
        var refusals: [String] = []
        /// How often the timer of each loop has ticked.
        var ticks: [Int] = []
        var isDraining = false
        var hasEnded = false
    }

    /// The ticks of a loop that has ended: nobody waits for it.
    static let gone = Int.max / 2

    // Safety: every access to the state happens with the condition's lock held.
    private nonisolated(unsafe) var state = State()
    private let condition = NSCondition()

    func note(_ change: (inout State) -> Void) {
        condition.withLock {
            change(&state)
            condition.broadcast()
        }
    }

    var now: State { condition.withLock { state } }

    /// Waits until this many requests were handed to handlers.
    func wait(handled count: Int) -> Bool {
        wait { $0.handled.count >= count }
    }

    /// Lets every loop have this many more ticks, or end. Between two ticks of a loop lies a whole turn, so what was
    /// sent before the first of them has been read at the second.
    func wait(ticks count: Int) {
        let goals = now.ticks.map { $0 + count }
        _ = wait { state in state.hasEnded || zip(state.ticks, goals).allSatisfy { $0 >= $1 || $0 == Self.gone } }
    }

    func waitForEnd() {
        _ = wait { $0.hasEnded }
    }

    private func wait(until isReached: (State) -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 10)
        return condition.withLock {
            while !isReached(state) {
                guard condition.wait(until: deadline) else { return false }
            }
            return true
        }
    }
}
