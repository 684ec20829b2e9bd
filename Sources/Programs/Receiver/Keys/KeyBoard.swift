package import Subscriptions
import Synchronization

/// The tokens that verify now, shared by all loops: what the settings give and what the subscriptions topic says, put
/// together anew whenever one of them changes or a token's time is over.
package final class KeyBoard: Sendable {
    private struct State {
        var configured: [Keyring.Configured]
        var snapshot = SubscriptionsSnapshot()
        var keyring: Keyring
    }

    private let state: Mutex<State>
    private let changes = Atomic<Int>(0)
    private let complete: Atomic<Bool>

    /// With a topic to be read, the board is not complete before that.
    package init(configured: [Keyring.Configured], awaitsTopic: Bool, now: Int64) {
        let keyring = Keyring(configured: configured, snapshot: SubscriptionsSnapshot(), now: now)
        state = Mutex(State(configured: configured, keyring: keyring))
        complete = Atomic(!awaitsTopic)
    }

    /// Grows with each change, so that a loop sees by one number whether it has to look.
    var version: Int { changes.load(ordering: .acquiring) }

    package var keyring: Keyring { state.withLock { $0.keyring } }

    /// Whether a signature that fits no token is known to be wrong. Until the topic was read it may be a token's that
    /// is only to be found there.
    package var isComplete: Bool { complete.load(ordering: .acquiring) }

    /// The settings' tokens, read again. Whether the keyring is another one now.
    @discardableResult
    package func configure(_ tokens: [Keyring.Configured], now: Int64) -> Bool {
        update(now) { $0.configured = tokens }
    }

    /// What the topic says now. Whether the keyring is another one.
    @discardableResult
    package func take(_ snapshot: SubscriptionsSnapshot, now: Int64) -> Bool {
        defer { complete.store(true, ordering: .releasing) }
        return update(now) { $0.snapshot = snapshot }
    }

    /// Lets tokens go whose time is over. Whether there were any.
    package func look(at now: Int64) -> Bool {
        guard let next = state.withLock({ $0.keyring.nextChange }), now >= next else { return false }
        return update(now) { _ in }
    }

    /// Whether the keyring is another one now.
    @discardableResult
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
