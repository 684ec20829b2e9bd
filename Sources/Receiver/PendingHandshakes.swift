package import NotionWebhooks
import Synchronization

/// Verification tokens that came in a handshake and wait for a person. In memory only, shared by all loops; each token
/// can be read once. Nothing here ever becomes an active token by itself.
package final class PendingHandshakes: Sendable {
    package struct Pending: Sendable {
        package let token: VerificationToken
        package let receivedAtMilliseconds: Int64
    }

    // Limit: a person enrols one subscription at a time; the newest are kept, because "Resend token" brings a new one.
    package static let capacity = 16

    private struct State {
        var pending: [Pending] = []
        var received = 0
        var dropped = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Holds the token; a token that is already held is only counted.
    package func hold(_ token: VerificationToken, receivedAtMilliseconds: Int64) {
        state.withLock { state in
            state.received += 1
            state.pending.removeAll { $0.token == token }
            if state.pending.count == Self.capacity {
                state.pending.removeFirst()
                state.dropped += 1
            }
            state.pending.append(Pending(token: token, receivedAtMilliseconds: receivedAtMilliseconds))
        }
    }

    /// What is held, without taking it.
    package func held() -> [Pending] {
        state.withLock { $0.pending }
    }

    /// Hands out everything that is held, once.
    package func take() -> [Pending] {
        state.withLock { state in
            defer { state.pending = [] }
            return state.pending
        }
    }

    package var counts: (pending: Int, received: Int, dropped: Int) {
        state.withLock { ($0.pending.count, $0.received, $0.dropped) }
    }
}
