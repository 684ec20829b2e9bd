import Synchronization

/// What one loop counts. Written by its thread only, read by any.
final class LoopCounters: Sendable {
    let connectionsAccepted = Atomic<Int>(0)
    let connectionsOpen = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let requestsPending = Atomic<Int>(0)
    let connectionsExpired = Atomic<Int>(0)
    let acceptPauses = Atomic<Int>(0)
    let handshakesTLS12 = Atomic<Int>(0)
    let handshakesTLS13 = Atomic<Int>(0)
    let handshakesResumed = Atomic<Int>(0)
    let handshakesFailed = Atomic<Int>(0)
    let bytesIn = Atomic<Int>(0)
    let bytesOut = Atomic<Int>(0)
}

extension Atomic<Int> {
    /// There is one writer, so a load and a store do what would otherwise lock the bus.
    @inline(__always)
    func add(_ count: Int) {
        store(load(ordering: .relaxed) &+ count, ordering: .relaxed)
    }
}

extension ServerCounts {
    mutating func add(_ counters: LoopCounters) {
        connectionsAccepted += counters.connectionsAccepted.load(ordering: .relaxed)
        connectionsOpen += counters.connectionsOpen.load(ordering: .relaxed)
        requests += counters.requests.load(ordering: .relaxed)
        requestsPending += counters.requestsPending.load(ordering: .relaxed)
        connectionsExpired += counters.connectionsExpired.load(ordering: .relaxed)
        acceptPauses += counters.acceptPauses.load(ordering: .relaxed)
        handshakesTLS12 += counters.handshakesTLS12.load(ordering: .relaxed)
        handshakesTLS13 += counters.handshakesTLS13.load(ordering: .relaxed)
        handshakesResumed += counters.handshakesResumed.load(ordering: .relaxed)
        handshakesFailed += counters.handshakesFailed.load(ordering: .relaxed)
        bytesIn += counters.bytesIn.load(ordering: .relaxed)
        bytesOut += counters.bytesOut.load(ordering: .relaxed)
    }
}
