/// How much a loop hashes to find the token of a body, beyond the one try that each body has with the likeliest token:
/// with sixteen tokens a stranger's body would cost sixteen times what it costs to read. Pure; a network is a client's,
/// as text, and times are milliseconds.
package struct VerificationBudget {
    // Limit: a body of this size costs no more with sixteen tokens than its request does anyway. Nearly all of Notion's
    // are smaller, so they are verified whatever else comes from their network.
    package static let freeBodyBytesMax = 4 * 1024
    // Limit: hashed in a second for the bodies of one network that nothing verified; 8 ms of a loop.
    package static let networkBytesMax = 16 * 1024 * 1024
    // Limit: of all networks together; 64 ms of a loop.
    package static let bytesMax = 128 * 1024 * 1024
    // Limit: networks that are told apart in a second; those beyond it share what is left.
    static let networksMax = 1024

    private var second = Int64.min
    private var bytes = 0
    private var bytesOfNetworks: [String: Int] = [:]

    /// Whether all other tokens may be tried on a body; if so, the bytes to hash count. The last body of a second may
    /// go beyond the limit, so that the largest one can pass at all.
    mutating func admits(bodyBytes: Int, othersCount: Int, of network: String, at now: Int64) -> Bool {
        guard othersCount > 0, bodyBytes > Self.freeBodyBytesMax else { return true }
        if now / 1000 != second {
            second = now / 1000
            bytes = 0
            bytesOfNetworks.removeAll(keepingCapacity: true)
        }
        guard bytes < Self.bytesMax, bytesOfNetworks[network, default: 0] < Self.networkBytesMax else { return false }
        count(bodyBytes * othersCount, network)
        return true
    }

    /// A token was found: what is verified costs its network nothing.
    mutating func verified(bodyBytes: Int, othersCount: Int, of network: String) {
        guard othersCount > 0, bodyBytes > Self.freeBodyBytesMax else { return }
        count(-bodyBytes * othersCount, network)
    }

    private mutating func count(_ count: Int, _ network: String) {
        bytes += count
        guard bytesOfNetworks[network] != nil || bytesOfNetworks.count < Self.networksMax else { return }
        bytesOfNetworks[network, default: 0] += count
    }
}
