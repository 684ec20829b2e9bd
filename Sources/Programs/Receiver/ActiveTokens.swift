package import Subscriptions
import Synchronization

/// The tokens that verify deliveries now, shared by all loops: those of the settings and of the subscriptions topic.
package final class ActiveTokens: Sendable {
    private struct State {
        var configured: [Keyring.Configured]
        var snapshot = SubscriptionsSnapshot()
        var keyring: Keyring
    }

    private let state: Mutex<State>
    private let changes = Atomic<Int>(0)
    private let complete: Atomic<Bool>

    /// With a topic to read, the tokens are not complete before it was read.
    package init(configured: [Keyring.Configured], awaitsTopic: Bool, now: Int64) {
        let keyring = Keyring(configured: configured, snapshot: SubscriptionsSnapshot(), now: now)
        state = Mutex(State(configured: configured, keyring: keyring))
        complete = Atomic(!awaitsTopic)
    }

    /// Grows with each change, so that a loop has one number to compare.
    var version: Int { changes.load(ordering: .acquiring) }

    package var keyring: Keyring { state.withLock { $0.keyring } }

    /// Whether a signature that fits no token is known to be wrong: before the topic was read, the token may be in it.
    package var isComplete: Bool { complete.load(ordering: .acquiring) }

    /// Returns whether the keyring has changed.
    @discardableResult
    package func configure(_ tokens: [Keyring.Configured], now: Int64) -> Bool {
        update(now) { $0.configured = tokens }
    }

    /// Returns whether the keyring has changed.
    @discardableResult
    package func update(from snapshot: SubscriptionsSnapshot, now: Int64) -> Bool {
        defer { complete.store(true, ordering: .releasing) }
        return update(now) { $0.snapshot = snapshot }
    }

    /// Drops tokens whose retirement has passed. Returns whether the keyring has changed.
    package func retire(at now: Int64) -> Bool {
        guard let next = state.withLock({ $0.keyring.nextChange }), now >= next else { return false }
        return update(now) { _ in }
    }

    private func update(_ now: Int64, _ change: (inout State) -> Void) -> Bool {
        state.withLock { state in
            change(&state)
            let keyring = Keyring(configured: state.configured, snapshot: state.snapshot, now: now)
            let isNew = keyring.keys != state.keyring.keys
            state.keyring = keyring
            if isNew { changes.add(1, ordering: .acquiringAndReleasing) }
            return isNew
        }
    }
}
