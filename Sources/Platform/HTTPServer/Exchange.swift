/// One request and the answer it waits for. Never used twice within a loop.
package struct Exchange: Hashable, Sendable {
    /// The connection's slot in the low bits, the loop's running number of requests above: fits an opaque pointer.
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    static let slotBits = 20
    static let slotsMax = 1 << slotBits

    init(number: UInt64, slot: Int) {
        self.rawValue = number &<< UInt64(Self.slotBits) | UInt64(slot)
    }

    /// The connection's slot: below the most connections that a loop has, and of one open exchange at a time.
    package var slot: Int { Int(rawValue & UInt64(Self.slotsMax - 1)) }
}
