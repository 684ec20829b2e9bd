package import NotionWebhooks
package import Subscriptions
import Synchronization

/// Verification tokens that came in a handshake and wait for a person, or for being written to the subscriptions topic.
/// In memory only, shared by all loops; each token can be read once. Nothing here ever becomes active by itself.
package final class PendingHandshakes: Sendable {
    package struct Pending: Sendable, Equatable {
        package let token: VerificationToken
        /// The last part of the path that it came to.
        package let name: SubscriptionName?
        /// An address without its port.
        package let client: String
        package let receivedAtMilliseconds: Int64

        package init(
            _ token: VerificationToken,
            name: SubscriptionName? = nil,
            client: String = "",
            receivedAtMilliseconds: Int64
        ) {
            self.token = token
            self.name = name
            self.client = client
            self.receivedAtMilliseconds = receivedAtMilliseconds
        }
    }

    // Limit: a person enrols one subscription at a time; the newest are kept, because "Resend token" brings a new one.
    package static let capacity = 16

    private struct State {
        var pending: [Pending] = []
        var limiter = HandshakeLimiter()
    }

    private let state = Mutex(State())

    package init() {}

    /// Holds a token, or says no: too many came from there, or at all. When all places are taken, the client that holds
    /// most of them loses its oldest.
    package func hold(_ new: Pending) -> Bool {
        state.withLock { state in
            guard state.limiter.admits(new.client, at: new.receivedAtMilliseconds) else { return false }
            state.pending.removeAll { $0.token == new.token }
            if state.pending.count == Self.capacity, let loser = Crowding.loser(among: state.pending.map(\.client)) {
                state.pending.remove(at: loser)
            }
            state.pending.append(new)
            return true
        }
    }

    /// What is held, the oldest first, without taking it.
    package func held() -> [Pending] {
        state.withLock { $0.pending }
    }

    /// Lets tokens go that are kept elsewhere now.
    func drop(_ fingerprints: Set<Fingerprint>) {
        state.withLock { state in
            state.pending.removeAll { fingerprints.contains(Fingerprint($0.token)) }
        }
    }

    /// Hands out everything that is held, once.
    package func take() -> [Pending] {
        state.withLock { state in
            defer { state.pending = [] }
            return state.pending
        }
    }
}

/// What became of a handshake.
enum HandshakeResult: String, CaseIterable {
    /// Its token waits for a person.
    case held
    /// Its token is active already.
    case active
    /// There were too many.
    case limited
}

/// Who has to make room: the oldest entry of the client that has most of them.
enum Crowding {
    /// `clients` from the oldest entry to the newest.
    static func loser(among clients: [String]) -> Int? {
        let counts = Dictionary(grouping: clients, by: \.self).mapValues(\.count)
        guard let most = counts.values.max() else { return nil }
        return clients.firstIndex { counts[$0] == most }
    }
}
