import Synchronization

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
            let open = counts[client.household, default: 0]
            guard open < max else { return false }
            counts[client.household] = open + 1
            return true
        }
    }

    func giveBack(_ client: ClientAddress) {
        guard counts(client) else { return }
        counts.withLock { counts in
            guard let open = counts[client.household] else { return }
            counts[client.household] = open > 1 ? open - 1 : nil
        }
    }

    private func counts(_ client: ClientAddress) -> Bool {
        client.family != .unix && !exempt.contain(client)
    }
}
