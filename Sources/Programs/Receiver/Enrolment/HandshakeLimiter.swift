/// How many handshakes are listened to. A person makes a few in an hour; everything beyond that is somebody else's, and
/// anybody can send one. Pure: the caller brings the time.
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

        func isFull(at now: Int64) -> Bool {
            Int64(left) + max(0, now - since) / refillMilliseconds >= Int64(capacity)
        }
    }

    // Limit: somebody who presses "Resend token" often gets through; a machine is slowed to one each half minute.
    static let perClient = Bucket(capacity: 8, refillMilliseconds: 30_000)
    // Limit: of all clients together, so that a crowd of addresses cannot fill the subscriptions topic.
    static let overall = Bucket(capacity: 32, refillMilliseconds: 5_000)
    // Limit: clients that are remembered at a time; more at once share what is left.
    package static let clientsMax = 1024

    private var clients: [String: Bucket] = [:]
    private var overall = Self.overall

    /// Whether a handshake of this client may be kept. What a client has no right to costs the others nothing.
    package init() {}

    package mutating func admits(_ client: String, at now: Int64) -> Bool {
        if clients[client] == nil, clients.count >= Self.clientsMax {
            clients = clients.filter { !$0.value.isFull(at: now) }
            guard clients.count < Self.clientsMax else { return false }
        }
        guard clients[client, default: Self.perClient].take(at: now) else { return false }
        return overall.take(at: now)
    }
}
