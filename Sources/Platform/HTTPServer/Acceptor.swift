import Synchronization

/// One loop's listener: takes new clients, or leaves them in the kernel's backlog for a while.
struct Acceptor {
    private static let pauseNanoseconds: UInt64 = 100_000_000

    /// -1 when the loop no longer listens.
    private var listener: Int32
    /// The kernel may have more clients for us.
    private var mayHaveClients = true
    /// Accepting waits until a connection closes or this time comes; 0 is no pause.
    private var pausedUntil: UInt64 = 0

    init(listener: Int32) { self.listener = listener }

    mutating func noteClients() { mayHaveClients = true }

    func canAccept(now: UInt64) -> Bool { mayHaveClients && listener >= 0 && (pausedUntil == 0 || now >= pausedUntil) }

    /// When a pause ends; the far future when there is none to wait for.
    var pauseEnd: UInt64 { mayHaveClients && pausedUntil > 0 ? pausedUntil : .max }

    mutating func pause(now: UInt64) { pausedUntil = now + Self.pauseNanoseconds }

    mutating func endPause() { pausedUntil = 0 }

    mutating func hasClient() -> Bool {
        mayHaveClients = Socket.hasClient(listener)
        return mayHaveClients
    }

    mutating func accept() -> Socket.Accepted {
        let accepted = Socket.accept(listener)
        if case .none = accepted { mayHaveClients = false }
        return accepted
    }

    mutating func close() {
        Socket.close(listener)
        listener = -1
    }
}

/// How many connections each client has open, over all loops. Only asked where there is a limit.
final class AddressCounts: Sendable {
    private let max: Int
    /// Proxies of ours stand for many clients and have no limit.
    private let exempt: [AddressRange]
    private let counts = Mutex<[ClientAddress: Int]>([:])

    init(max: Int, exempt: [AddressRange]) {
        self.max = max
        self.exempt = exempt
    }

    /// Whether one more is granted; then it has to be given back.
    func take(_ client: ClientAddress) -> Bool {
        guard counts(client) else { return true }
        return counts.withLock { counts in
            let open = counts[client.clientNetwork, default: 0]
            guard open < max else { return false }
            counts[client.clientNetwork] = open + 1
            return true
        }
    }

    func giveBack(_ client: ClientAddress) {
        guard counts(client) else { return }
        counts.withLock { counts in
            guard let open = counts[client.clientNetwork] else { return }
            counts[client.clientNetwork] = open > 1 ? open - 1 : nil
        }
    }

    private func counts(_ client: ClientAddress) -> Bool { client.family != .unix && !exempt.contain(client) }
}
