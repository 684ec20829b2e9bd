package import NotionWebhooks
package import Subscriptions
import Synchronization

/// Verification tokens of handshakes that wait for a person, or for the subscriptions topic. In memory only, shared by
/// all loops; each token can be read once. Nothing here becomes active by itself.
package final class PendingHandshakes: Sendable {
    package struct Pending: Sendable, Equatable {
        package let token: VerificationToken
        /// The last part of the path that it came to.
        package var name: SubscriptionName?
        /// An address without its port.
        package var client = ""
        package let receivedAtMilliseconds: Int64
    }

    // Limit: a person enrols one subscription at a time; the newest are kept, because "Resend token" brings a new one.
    package static let capacity = 16

    private struct State {
        var pending: [Pending] = []
        var limiter = HandshakeLimiter()
    }

    private let state = Mutex(State())

    package init() {}

    /// False when too many have come, from this client or to this path. When full, whoever has most tokens loses its
    /// oldest.
    package func hold(_ new: Pending, at path: HandshakeLimiter.Path = .used(nil)) -> Bool {
        state.withLock { state in
            guard state.limiter.admits(new.client, to: path, at: new.receivedAtMilliseconds) else { return false }
            state.pending.removeAll { $0.token == new.token }
            if state.pending.count == Self.capacity, let index = Eviction.index(among: state.pending.map(\.client)) {
                state.pending.remove(at: index)
            }
            state.pending.append(new)
            return true
        }
    }

    package func held() -> [Pending] { state.withLock { $0.pending } }

    func drop(_ fingerprints: Set<Fingerprint>) {
        state.withLock { $0.pending.removeAll { fingerprints.contains(Fingerprint($0.token)) } }
    }

    /// Hands out everything that is held, once.
    package func take() -> [Pending] {
        state.withLock { state in
            defer { state.pending = [] }
            return state.pending
        }
    }
}

enum HandshakeResult: String, CaseIterable {
    case held
    case active
    /// There were too many.
    case limited
    /// Enrolment is closed, so it was refused.
    case closed
}

/// Which entry makes room for a new one: the oldest of the client that has most of them.
enum Eviction {
    /// `clients` from the oldest entry to the newest.
    static func index(among clients: [String]) -> Int? {
        let counts = Dictionary(grouping: clients, by: \.self).mapValues(\.count)
        guard let most = counts.values.max() else { return nil }
        return clients.firstIndex { counts[$0] == most }
    }
}

/// How many handshakes are kept. A person causes a few in an hour, and anybody can send one.
package struct HandshakeLimiter {
    /// So many at once, and one more after each interval.
    package struct Bucket {
        let capacity: Int
        let refillMilliseconds: Int64
        private var left: Int
        private var since: Int64 = 0

        init(capacity: Int, refillMilliseconds: Int64) {
            self.capacity = capacity
            self.refillMilliseconds = refillMilliseconds
            left = capacity
        }

        mutating func take(at now: Int64) -> Bool {
            if left == capacity { since = now }
            let gained = max(0, now - since) / refillMilliseconds
            if gained > 0 {
                left = Int(min(Int64(capacity), Int64(left) + gained))
                since += gained * refillMilliseconds
            }
            guard left > 0 else { return false }
            left -= 1
            return true
        }

        func isFull(at now: Int64) -> Bool { Int64(left) + max(0, now - since) / refillMilliseconds >= Int64(capacity) }
    }

    /// Where a handshake came to.
    package enum Path: Hashable, Sendable {
        /// The path of the settings, or that of a subscription whose token is active.
        case used(SubscriptionName?)
        /// One that no active token has. A stranger can think of any number, so they have one reserve together.
        case unused
    }

    /// A client has a share of used paths and one of the reserve: what it, or another behind the same proxy, sends to
    /// the first takes nothing from the second.
    private struct Share {
        // Limit: somebody who presses "Resend token" often gets through; a machine is slowed to one each half minute.
        private var used = Bucket(capacity: 8, refillMilliseconds: 30_000)
        // Limit: an eighth of the reserve, and less than a twentieth of what it gains, so that it takes a crowd of
        // addresses to use it up.
        private var unused = Bucket(capacity: 4, refillMilliseconds: 120_000)

        mutating func take(_ path: Path, at now: Int64) -> Bool {
            path == .unused ? unused.take(at: now) : used.take(at: now)
        }

        func isFull(at now: Int64) -> Bool { used.isFull(at: now) && unused.isFull(at: now) }
    }

    // Limit: of all clients at one path, so that a crowd of addresses cannot fill the subscriptions topic.
    private static let perPath = Bucket(capacity: 32, refillMilliseconds: 5_000)
    // Limit: clients that are remembered at a time; more at once share what is left.
    package static let clientsMax = 1024
    // Limit: paths that are remembered at a time, each the name of a token that an operator made active; names beyond
    // them share the bucket of the settings' path.
    private static let pathsMax = 256

    private var clients: [String: Share] = [:]
    private var paths: [Path: Bucket] = [:]

    package init() {}

    /// Whether a handshake of this client may be kept. What is refused to one client does not count for the others, and
    /// what comes to one path does not count for another.
    package mutating func admits(_ client: String, to path: Path, at now: Int64) -> Bool {
        if clients[client] == nil, clients.count >= Self.clientsMax {
            clients = clients.filter { !$0.value.isFull(at: now) }
            guard clients.count < Self.clientsMax else { return false }
        }
        guard clients[client, default: Share()].take(path, at: now) else { return false }
        if paths[path] == nil, paths.count >= Self.pathsMax { paths = paths.filter { !$0.value.isFull(at: now) } }
        let isKnown = path == .unused || paths[path] != nil || paths.count < Self.pathsMax
        return paths[isKnown ? path : .used(nil), default: Self.perPath].take(at: now)
    }
}
